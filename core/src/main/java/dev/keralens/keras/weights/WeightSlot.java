package dev.keralens.keras.weights;

/**
 * A place for one weight of a layer.
 *
 * @param name the Python attribute that holds the weight, such as {@code kernel}; where the weight
 *     belongs to an object inside the layer, the attribute of that object comes first: {@code
 *     query_dense/kernel}, {@code cell/recurrent_kernel}
 * @param trainable whether the weight is trainable while its layer is; false for moving statistics
 * @param shared whether it is a weight of an inner layer, which files that list every weight once
 *     have there
 * @param turnedByTheano whether Theano applies it turned around, so that Keras turns it when it
 *     loads a file that was trained there
 */
public record WeightSlot(String name, boolean trainable, boolean shared, boolean turnedByTheano)
    implements WeightPart {
  /**
   * A slot for a weight that the layer holds alone.
   *
   * @param name the attribute, with the attributes before it that lead to it
   * @param trainable whether the weight is trainable while its layer is
   */
  public WeightSlot(String name, boolean trainable) {
    this(name, trainable, false, false);
  }

  /**
   * {@return a slot for a trainable weight}
   *
   * @param name the attribute, with the attributes before it that lead to it
   */
  public static WeightSlot of(String name) {
    return new WeightSlot(name, true);
  }

  /**
   * {@return a slot for a weight that training does not change by gradients}
   *
   * @param name the attribute, with the attributes before it that lead to it
   */
  public static WeightSlot notTrainable(String name) {
    return new WeightSlot(name, false);
  }

  /**
   * {@return a slot for a trainable weight of an inner layer, which the outer one holds as well}
   *
   * @param name the attribute, with the attributes before it that lead to it
   */
  public static WeightSlot shared(String name) {
    return new WeightSlot(name, true, true, false);
  }

  /** {@return the same slot for a weight that Theano applies turned around} */
  public WeightSlot turningByTheano() {
    return new WeightSlot(name, trainable, shared, true);
  }
}
