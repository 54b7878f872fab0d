package dev.keralens.graph;

import dev.keralens.tensor.ElementType;

/**
 * The numbers that ONNX gives to element types, as attributes such as {@code Cast.to} hold them.
 */
public final class OnnxTypes {
  private OnnxTypes() {}

  /**
   * {@return the number of a type in {@code TensorProto.DataType}}
   *
   * @param type the type
   */
  public static int code(ElementType type) {
    return switch (type) {
      case FLOAT32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case INT32 -> 6;
      case INT64 -> 7;
      case BOOL -> 9;
      case FLOAT64 -> 11;
    };
  }

  /**
   * {@return the type of a number in {@code TensorProto.DataType}}
   *
   * @param code the number
   * @throws IllegalArgumentException if graphs cannot hold this type
   */
  public static ElementType type(int code) {
    for (ElementType type : ElementType.values()) {
      if (code(type) == code) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "Tensors of ONNX type %d are not supported.".formatted(code));
  }
}
