package dev.keralens.runtime.engine;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.keralens.graph.Constant;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The large constants of a graph on their way into ONNX Runtime.
 *
 * <p>Closed as soon as a session has been made of them.
 */
final class Weights implements AutoCloseable {
  /*
   * ONNX Runtime takes a model of 2 GiB at most as messages; constants that are handed over beside
   * them (as "external initializers") have no such limit. ONNX Runtime 1.28 copies them while it
   * makes the session, then packs most of them anew in the order in which its kernels read them, and
   * drops the copy of those that it packed. It does not look at our memory again: CompiledGraphTest
   * fills the memory with other numbers once the session is made, for every kind of operator that
   * takes weights, and the results stay the same. So nothing of ours is held, and nothing can
   * dangle. A version that kept our pointers would fail that test.
   *
   * The constants lie in few large blocks, because the C library gives a block of more than 32 MB
   * back to the system at once when it is freed, and keeps smaller ones for itself.
   */
  private static final int BLOCK = 1 << 28;

  private static final int ALIGNMENT = 64;

  /** Where a constant goes. */
  private record Place(Constant constant, ByteBuffer bytes) {
    Place fill() {
      constant.readInto(bytes.duplicate());
      return this;
    }
  }

  private final Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
  private final Map<Constant, OnnxTensorLike> known = new HashMap<>();
  private final List<NativeBuffer> blocks = new ArrayList<>();
  private final long all;
  private long unread;
  private int used;

  private Weights(long bytes) {
    this.all = bytes;
    this.unread = bytes;
  }

  /**
   * Reads constants. One that stands under several names is read once.
   *
   * @param constants the constants by name
   * @param environment ONNX Runtime's environment
   * @param threads from two on, several constants are read at a time
   * @param executor where the threads come from that help the calling one
   * @throws GraphExecutionException if Java may not have so much memory outside its heap
   */
  static Weights read(
      Map<String, Constant> constants, OrtEnvironment environment, int threads, Executor executor)
      throws OrtException {
    Set<Constant> distinct = new LinkedHashSet<>(constants.values());
    Weights weights = new Weights(distinct.stream().mapToLong(Weights::paddedSize).sum());
    try {
      List<Place> places = distinct.stream().map(weights::place).toList();
      Parts.run(places.size(), threads, executor, place -> places.get(place).fill());
      for (Place place : places) {
        Constant constant = place.constant;
        weights.known.put(
            constant,
            NativeTensors.over(place.bytes, constant.type(), constant.shape(), environment));
      }
      constants.forEach((name, constant) -> weights.tensors.put(name, weights.known.get(constant)));
      return weights;
    } catch (OrtException | RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private static long paddedSize(Constant constant) {
    return (size(constant) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static long size(Constant constant) {
    return Tensor.elements(constant.shape()) * constant.type().bytes();
  }

  private Place place(Constant constant) {
    long padded = paddedSize(constant);
    NativeBuffer block = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
    if (block == null || block.size() - used < padded) {
      // The alignment of the last constant of a very large block is left out.
      long size = Math.min(Math.max(Math.min(unread, BLOCK), padded), Integer.MAX_VALUE);
      block = allocate((int) size);
      blocks.add(block);
      used = 0;
    }
    ByteBuffer bytes = block.slice(used, (int) size(constant));
    used = (int) Math.min(used + padded, block.size());
    unread -= padded;
    return new Place(constant, bytes);
  }

  /** Java has a limit of its own for such memory: by default, that of its heap. */
  private NativeBuffer allocate(int size) {
    try {
      return NativeBuffer.allocate(size);
    } catch (OutOfMemoryError e) {
      throw new GraphExecutionException(
          ("While a network is compiled its weights, %d MB, are in memory outside Java's heap,"
                  + " which is limited. Allow more, by Java's option -XX:MaxDirectMemorySize=%1$dm or"
                  + " a larger -Xmx, or name a folder to write them to (--scratch; in Java"
                  + " RuntimeOptions.withScratch).")
              .formatted((all >> 20) + 1),
          e);
    }
  }

  /** {@return what has been read, by name} */
  Map<String, OnnxTensorLike> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void close() {
    known.values().forEach(OnnxTensorLike::close);
    blocks.forEach(NativeBuffer::close);
  }
}
