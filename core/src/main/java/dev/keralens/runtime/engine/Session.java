package dev.keralens.runtime.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OnnxModel;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph in ONNX Runtime's memory. Any number of threads may run it at once; none may when it is
 * closed.
 */
final class Session {
  private final InputBuffers buffers = new InputBuffers();
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<String> inputNames;
  private final Set<String> outputNames;

  Session(OrtEnvironment environment, OrtSession session, OnnxModel model) {
    this.environment = environment;
    this.session = session;
    this.inputNames = model.inputNames();
    this.outputNames = new LinkedHashSet<>(model.outputNames());
  }

  /**
   * Compiles a graph as it is. Its deferred constants are read, and let go once ONNX Runtime has
   * them.
   *
   * @param readers how many threads read them
   * @throws GraphExecutionException if ONNX Runtime refuses the graph
   */
  static Session compile(OnnxModel model, RuntimeOptions options, int readers) {
    OrtEnvironment environment = OnnxRuntime.environment();
    Path scratch = options.scratch();
    try (SessionOptions sessionOptions = OnnxRuntime.sessionOptions(options, model.nodes())) {
      OrtSession session =
          scratch == null
              ? inMemory(model, sessionOptions, environment, options, readers)
              : fromFiles(model, sessionOptions, environment, scratch);
      return new Session(environment, session, model);
    } catch (OrtException e) {
      throw Failure.of("ONNX Runtime cannot compile the graph", e);
    }
  }

  private static OrtSession inMemory(
      OnnxModel model,
      SessionOptions sessionOptions,
      OrtEnvironment environment,
      RuntimeOptions options,
      int readers)
      throws OrtException {
    try (Weights weights =
        Weights.read(model.external(), environment, readers, options.executor())) {
      sessionOptions.addExternalInitializers(weights.tensors());
      return environment.createSession(model.bytes(), sessionOptions);
    }
  }

  private static OrtSession fromFiles(
      OnnxModel model, SessionOptions options, OrtEnvironment environment, Path scratch)
      throws OrtException {
    try (ScratchModel files = ScratchModel.write(model, scratch)) {
      return environment.createSession(files.model().toString(), options);
    }
  }

  /**
   * Runs the graph.
   *
   * @throws GraphExecutionException if ONNX Runtime fails
   */
  List<Tensor> run(List<Tensor> tensors, List<Value> outputs) {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    List<NativeBuffer> taken = new ArrayList<>();
    try {
      for (int i = 0; i < tensors.size(); i++) {
        Tensor tensor = tensors.get(i);
        int size = tensor.bytes().remaining();
        NativeBuffer copy = buffers.take(size);
        taken.add(copy);
        feeds.put(
            inputNames.get(i), NativeTensors.copyInto(copy.slice(0, size), tensor, environment));
      }
      try (OrtSession.Result result = session.run(feeds, outputNames)) {
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
          results.add(NativeTensors.copyOf(result.get(i), outputs.get(i).type()));
        }
        return results;
      }
    } catch (OrtException e) {
      throw Failure.of("ONNX Runtime cannot run the graph", e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
      taken.forEach(buffers::giveBack);
    }
  }

  void close() {
    try {
      session.close();
      buffers.close();
    } catch (OrtException e) {
      throw Failure.of("ONNX Runtime cannot close the graph", e);
    }
  }
}
