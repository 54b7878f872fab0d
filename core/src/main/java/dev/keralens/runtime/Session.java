package dev.keralens.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.keralens.graph.Value;
import dev.keralens.onnx.OnnxModel;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The native part of a compiled graph. Holds no reference to the compiled graph itself. */
final class Session {
  /*
   * A session that is freed while it runs is a crash. Runs hold the lock's reading side, of which
   * there may be any number at once; closing takes the writing side and so waits for them.
   */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final InputBuffers buffers = new InputBuffers();
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final List<String> inputNames;
  private final Set<String> outputNames;
  private boolean closed;

  Session(OrtEnvironment environment, OrtSession session, OnnxModel model) {
    this.environment = environment;
    this.session = session;
    this.inputNames = model.inputNames();
    this.outputNames = new LinkedHashSet<>(model.outputNames());
  }

  List<Tensor> run(List<Tensor> tensors, List<Value> outputs) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The compiled graph is closed.");
      }
      return runOpen(tensors, outputs);
    } catch (OrtException e) {
      throw new GraphExecutionException("ONNX Runtime cannot run the graph", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  private List<Tensor> runOpen(List<Tensor> tensors, List<Value> outputs) throws OrtException {
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
    } finally {
      feeds.values().forEach(OnnxTensor::close);
      taken.forEach(buffers::giveBack);
    }
  }

  void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
        buffers.close();
      }
    } catch (OrtException e) {
      throw new GraphExecutionException("ONNX Runtime cannot close the graph", e);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
