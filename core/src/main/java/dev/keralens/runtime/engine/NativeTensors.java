package dev.keralens.runtime.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Tensors to and from ONNX Runtime's. */
final class NativeTensors {
  private NativeTensors() {}

  /**
   * A tensor of ONNX Runtime's over a copy of ours. Copying is what keeps the process alive: were
   * ours a slice of a mapped file, and the file cut short by another program, a read in native code
   * would end the Java machine, where a read in Java is an error that can be caught.
   *
   * @param bytes where the copy goes, of the tensor's size and the machine's byte order; to be held
   *     for as long as the result is used
   */
  static OnnxTensor copyInto(ByteBuffer bytes, Tensor tensor, OrtEnvironment environment)
      throws OrtException {
    bytes.duplicate().put(tensor.bytes());
    return over(bytes, tensor.type(), tensor.shape(), environment);
  }

  /**
   * A tensor of ONNX Runtime's over memory of ours.
   *
   * @param bytes the elements, in the machine's byte order; to be held for as long as the result is
   *     used
   */
  static OnnxTensor over(
      ByteBuffer bytes, ElementType type, int[] sizes, OrtEnvironment environment)
      throws OrtException {
    long[] shape = Arrays.stream(sizes).asLongStream().toArray();
    return switch (type) {
      case FLOAT32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape);
      case FLOAT64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), shape);
      case INT32 -> OnnxTensor.createTensor(environment, bytes.asIntBuffer(), shape);
      case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), shape);
      case INT8 -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.INT8);
      case UINT8 -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.UINT8);
      case BOOL -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.BOOL);
    };
  }

  /** A copy, on the heap, of what ONNX Runtime computed. */
  static Tensor copyOf(OnnxValue value, ElementType type) {
    if (!(value instanceof OnnxTensor tensor) || !(value.getInfo() instanceof TensorInfo info)) {
      throw new IllegalStateException("An output is no tensor but " + value.getType() + ".");
    }
    int[] shape = Arrays.stream(info.getShape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.wrap(type, tensor.getByteBuffer(), shape);
  }
}
