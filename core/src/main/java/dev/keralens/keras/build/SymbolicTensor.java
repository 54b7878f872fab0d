package dev.keralens.keras.build;

/** What a layer of a {@link ModelBuilder} gives: a tensor of which only the shape is known. */
public final class SymbolicTensor {
  private final ModelBuilder builder;
  private final Operation operation;
  private final int node;
  private final int index;
  private final int[] shape;

  SymbolicTensor(ModelBuilder builder, Operation operation, int node, int[] shape) {
    this(builder, operation, node, 0, shape);
  }

  /** One of several outputs. */
  SymbolicTensor(ModelBuilder builder, Operation operation, int node, int index, int[] shape) {
    this.builder = builder;
    this.operation = operation;
    this.node = node;
    this.index = index;
    this.shape = shape;
  }

  /**
   * {@return the sizes of the axes after the batch's, {@link ModelBuilder#OPEN} where one is open}
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * {@return the size of one axis}
   *
   * @param axis the axis after the batch's, from 0; negative counts from the end
   */
  public int size(int axis) {
    return shape[axis < 0 ? axis + shape.length : axis];
  }

  /** {@return the number of channels: the size of the last axis} */
  public int channels() {
    return size(-1);
  }

  /** {@return the name of the layer that gives it} */
  public String layer() {
    return operation.name();
  }

  /**
   * {@return the sum of both, as Python's {@code x + y}}
   *
   * @param other a tensor of the same model whose shape broadcasts with this one's
   */
  public SymbolicTensor plus(SymbolicTensor other) {
    return builder.operator("Add", this, other);
  }

  /**
   * {@return the sum, as Python's {@code x + value}}
   *
   * @param value what is added to each element
   */
  public SymbolicTensor plus(double value) {
    return builder.operator("Add", this, value);
  }

  /**
   * {@return the product of both, as Python's {@code x * y}}
   *
   * @param other a tensor of the same model whose shape broadcasts with this one's
   */
  public SymbolicTensor times(SymbolicTensor other) {
    return builder.operator("Multiply", this, other);
  }

  /**
   * {@return the product, as Python's {@code x * value}}
   *
   * @param value what each element is multiplied by
   */
  public SymbolicTensor times(double value) {
    return builder.operator("Multiply", this, value);
  }

  ModelBuilder builder() {
    return builder;
  }

  Operation operation() {
    return operation;
  }

  int node() {
    return node;
  }

  /** {@return which output of the call it is} */
  int index() {
    return index;
  }

  /** {@return the layer and the shape as Keras shows it, open sizes as None} */
  @Override
  public String toString() {
    return operation.name() + SymbolicShapes.describe(shape);
  }
}
