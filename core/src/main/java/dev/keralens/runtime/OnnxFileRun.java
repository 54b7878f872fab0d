package dev.keralens.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs an ONNX file as other programs do: by ONNX Runtime alone, as it is. */
public final class OnnxFileRun {
  private OnnxFileRun() {}

  /**
   * Runs a file once.
   *
   * @param file the file
   * @param inputs the inputs by their names
   * @param options how many threads; all else is as the engine has it
   * @return the outputs by their names, in their order
   * @throws GraphExecutionException if ONNX Runtime refuses the file, or fails
   */
  public static Map<String, Tensor> run(
      Path file, Map<String, Tensor> inputs, RuntimeOptions options) {
    OrtEnvironment environment = OnnxRuntime.environment();
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try (SessionOptions sessionOptions = OnnxRuntime.sessionOptions(options);
        OrtSession session = environment.createSession(file.toString(), sessionOptions)) {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        Tensor tensor = input.getValue();
        ByteBuffer copy =
            ByteBuffer.allocateDirect(tensor.bytes().remaining()).order(ByteOrder.nativeOrder());
        feeds.put(input.getKey(), NativeTensors.copyInto(copy, tensor, environment));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(feeds)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          OnnxValue value = output.getValue();
          outputs.put(output.getKey(), NativeTensors.copyOf(value, type(value)));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new GraphExecutionException("ONNX Runtime cannot run " + file.getFileName(), e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  private static ElementType type(OnnxValue value) throws OrtException {
    if (!(value.getInfo() instanceof TensorInfo info)) {
      throw new IllegalStateException("An output is no tensor but " + value.getType() + ".");
    }
    return switch (info.type) {
      case FLOAT -> ElementType.FLOAT32;
      case DOUBLE -> ElementType.FLOAT64;
      case INT32 -> ElementType.INT32;
      case INT64 -> ElementType.INT64;
      case INT8 -> ElementType.INT8;
      case UINT8 -> ElementType.UINT8;
      case BOOL -> ElementType.BOOL;
      default -> throw new IllegalStateException("An output is of the type " + info.type + ".");
    };
  }
}
