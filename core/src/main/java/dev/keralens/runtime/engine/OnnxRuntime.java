package dev.keralens.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The one environment of ONNX Runtime in this process, and sessions' options. */
final class OnnxRuntime {
  private static final String NAME = "keralens";

  /** Threads beyond the processors wait for one another, and a hundred of them do little else. */
  private static final int MOST_THREADS =
      Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  private OnnxRuntime() {}

  private static final class Holder {
    static final CompletableFuture<OrtEnvironment> LOADED =
        CompletableFuture.supplyAsync(OnnxRuntime::create, Runnable::run);
  }

  /**
   * {@return the environment; the native library is loaded when it is first asked for}
   *
   * @throws GraphExecutionException if the native library cannot be loaded; a process tries once
   */
  static OrtEnvironment environment() {
    try {
      return Holder.LOADED.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new GraphExecutionException(String.valueOf(cause.getMessage()), cause);
    }
  }

  private static OrtEnvironment create() {
    OrtEnvironment created =
        NativeLibrary.load(
            () -> OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, NAME));
    try {
      created.setTelemetry(false);
    } catch (OrtException e) {
      throw Failure.of("ONNX Runtime cannot turn its telemetry off", e);
    }
    return created;
  }

  /*
   * "Pad_Fusion" moves the zeros of a Pad into the pads of the MaxPool after it, which pads with
   * negative infinity: where all else in a window is negative, the maximum is then wrong.
   */
  private static final String WRONG_OPTIMIZERS = "Pad_Fusion";

  /**
   * Larger graphs run as they are: the time of ONNX Runtime's rewritings grows with the square of
   * the number of nodes. The gradients of the largest published networks have some 6,000.
   */
  private static final int MOST_OPTIMIZED = 10_000;

  static SessionOptions sessionOptions(RuntimeOptions options, int nodes) throws OrtException {
    SessionOptions session = new SessionOptions();
    session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    session.setIntraOpNumThreads(Math.min(options.threads(), MOST_THREADS));
    session.setOptimizationLevel(nodes > MOST_OPTIMIZED ? OptLevel.NO_OPT : level(options));
    session.addConfigEntry("optimization.disable_specified_optimizers", WRONG_OPTIMIZERS);
    // Weights that are packed anew are then given back, and do not stay in the engine's arena.
    session.addConfigEntry("session.use_device_allocator_for_initializers", "1");
    add(session, options.placement().devices().get(0), options.placement().tf32());
    if (options.profile() != null) {
      session.enableProfiling(options.profile().toString());
    }
    return session;
  }

  /*
   * What each device needs. CUDA: memory patterns make the memory of a GPU grow from run to run;
   * convolutions are chosen by rule, since measuring all of them takes seconds for each new size.
   */
  private static void add(SessionOptions session, Device device, boolean tf32) throws OrtException {
    switch (device.kind()) {
      case CPU, AUTO -> {}
      case COREML -> session.addCoreML(Map.of("ModelFormat", "MLProgram"));
      case CUDA -> {
        session.setMemoryPatternOptimization(false);
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
          cuda.add("use_tf32", tf32 ? "1" : "0");
          cuda.add("cudnn_conv_algo_search", "HEURISTIC");
          cuda.add("arena_extend_strategy", "kSameAsRequested");
          session.addCUDA(cuda);
        }
      }
    }
  }

  /** From "extended" on, operators are fused into ones that have no kernel for doubles. */
  private static OptLevel level(RuntimeOptions options) {
    boolean twice = options.precision() == Precision.FLOAT64;
    return switch (options.optimization()) {
      case NONE -> OptLevel.NO_OPT;
      case BASIC -> OptLevel.BASIC_OPT;
      case EXTENDED -> twice ? OptLevel.BASIC_OPT : OptLevel.EXTENDED_OPT;
      case ALL -> twice ? OptLevel.BASIC_OPT : OptLevel.ALL_OPT;
    };
  }

  /**
   * Runs an ONNX file as other programs do: by the engine alone, as it is.
   *
   * @param file the file
   * @param inputs the inputs by their names
   * @return the outputs by their names, in their order
   * @throws GraphExecutionException if ONNX Runtime refuses the file, or fails
   */
  static Map<String, Tensor> run(Path file, Map<String, Tensor> inputs) {
    OrtEnvironment environment = environment();
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try (SessionOptions sessionOptions = new SessionOptions();
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
      throw Failure.of("ONNX Runtime cannot run " + file.getFileName(), e);
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
