package dev.keralens.runtime;

/** The numbers that graphs compute with. Inputs and results are always of single precision. */
public enum Precision {
  /** Single precision, as Keras computes: the fastest. */
  FLOAT32,
  /**
   * Double precision, several times slower and with twice the memory: a reference to check maps
   * against. In single precision, a value within rounding of the corner of a ReLU may fall to the
   * other side of it, and the gradients of that image then differ in places; which values do
   * differs from library to library. Here they all have the side that the exact value has.
   *
   * <p>A few numbers are still rounded to single precision once: what the backward pass derives
   * from the weights of normalizations, and the weights of resizing.
   */
  FLOAT64
}
