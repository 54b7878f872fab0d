package dev.keralens.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Tensors to and from ONNX Runtime's. */
final class NativeTensors {
  private NativeTensors() {}

  /**
   * A tensor over a direct buffer, whose bytes are not copied: the buffer must be held for as long
   * as ONNX Runtime may read the tensor.
   */
  static OnnxTensor wrap(OrtEnvironment environment, ElementType type, ByteBuffer data, int[] shape)
      throws OrtException {
    ByteBuffer bytes = data.duplicate().order(ByteOrder.nativeOrder());
    long[] sizes = Arrays.stream(shape).asLongStream().toArray();
    return switch (type) {
      case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), sizes);
      case FLOAT64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), sizes);
      case INT32 -> OnnxTensor.createTensor(environment, bytes.asIntBuffer(), sizes);
      case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), sizes);
      case INT8 -> OnnxTensor.createTensor(environment, bytes, sizes, OnnxJavaType.INT8);
      case UINT8 -> OnnxTensor.createTensor(environment, bytes, sizes, OnnxJavaType.UINT8);
      case BOOL -> OnnxTensor.createTensor(environment, bytes, sizes, OnnxJavaType.BOOL);
    };
  }

  /** A copy, on the heap, of what ONNX Runtime computed. */
  static Tensor copy(OnnxValue value, ElementType type) {
    if (!(value instanceof OnnxTensor tensor) || !(value.getInfo() instanceof TensorInfo info)) {
      throw new IllegalStateException("An output is no tensor but " + value.getType() + ".");
    }
    int[] shape = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.wrap(type, tensor.getByteBuffer(), shape);
  }
}
