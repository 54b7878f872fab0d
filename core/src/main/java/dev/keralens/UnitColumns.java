package dev.keralens;

import dev.keralens.explain.run.BatchMaps;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Parts and joins tensors along their last axis, that of the units. */
final class UnitColumns {
  private UnitColumns() {}

  /** Some units, or what is known of them: (images, ..., to - from). */
  static Tensor columns(Tensor units, int from, int to) {
    int k = units.size(-1);
    if (from == 0 && to == k) {
      return units;
    }
    int width = units.type().bytes();
    int rows = units.elements() / k;
    int length = (to - from) * width;
    ByteBuffer all = units.bytes();
    ByteBuffer some =
        ByteBuffer.allocate(Math.multiplyExact(rows, length)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows; i++) {
      some.put(all.slice((i * k + from) * width, length));
    }
    int[] shape = units.shape();
    shape[shape.length - 1] = to - from;
    return Tensor.wrap(units.type(), some.flip(), shape);
  }

  /** The units of some images of a run. */
  static Units rows(Units units, int from, int count) {
    if (!(units instanceof Units.Given given) || given.indices().size(0) == 1) {
      return units;
    }
    int available = given.indices().size(0);
    if (from + count > available) {
      throw new IllegalArgumentException(
          "Units are given for %d images, but there are more.".formatted(available));
    }
    return new Units.Given(given.indices().rows(from, from + count));
  }

  /** The same row for every image. */
  static Tensor repeat(Tensor row, int images) {
    return Tensor.concat(Collections.nCopies(images, row));
  }

  /** Joins the results of runs that explained some units each, method by method. */
  static List<BatchMaps> join(List<List<BatchMaps>> runs) {
    if (runs.size() == 1) {
      return runs.get(0);
    }
    List<BatchMaps> joined = new ArrayList<>();
    for (int i = 0; i < runs.get(0).size(); i++) {
      int method = i;
      List<BatchMaps> parts = runs.stream().map(run -> run.get(method)).toList();
      joined.add(
          new BatchMaps(
              join(parts, BatchMaps::maps),
              join(parts, BatchMaps::scores),
              join(parts, BatchMaps::outputs),
              join(parts, BatchMaps::units),
              join(parts, BatchMaps::lowest),
              join(parts, BatchMaps::highest),
              parts.get(0).gaps() == null
                  ? null
                  : join(parts, part -> Objects.requireNonNull(part.gaps()))));
    }
    return joined;
  }

  private static Tensor join(List<BatchMaps> parts, Function<BatchMaps, Tensor> part) {
    return joined(parts.stream().map(part).toList());
  }

  /** Joins tensors along their last axis. */
  static Tensor joined(List<Tensor> tensors) {
    Tensor first = tensors.get(0);
    int rows = first.elements() / first.size(-1);
    int columns = tensors.stream().mapToInt(tensor -> tensor.size(-1)).sum();
    int width = first.type().bytes();
    ByteBuffer out =
        ByteBuffer.allocate(Math.toIntExact((long) rows * columns * width))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<ByteBuffer> sources = tensors.stream().map(Tensor::bytes).toList();
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < tensors.size(); i++) {
        int length = tensors.get(i).size(-1) * width;
        out.put(sources.get(i).slice(row * length, length));
      }
    }
    int[] shape = first.shape();
    shape[shape.length - 1] = columns;
    ElementType type = first.type();
    return Tensor.wrap(type, out.flip(), shape);
  }

  /** Batches as they come, each with its units. */
  static final class Batches {
    private final Iterator<List<Tensor>> source;
    private final Units units;

    /**
     * Batches of a source.
     *
     * @param units which units; where they are given for each image, those of all batches together
     */
    Batches(Iterator<List<Tensor>> source, Units units) {
      this.source = source;
      this.units = units;
    }

    /** A batch. */
    record Batch(List<Tensor> inputs, Units units) {
      int images() {
        return inputs.get(0).size(0);
      }
    }

    /** What is made of a batch. */
    interface Work<T> {
      /**
       * Does it.
       *
       * @param end how many images there were, with those of this batch
       */
      T of(Batch batch, int end);
    }

    <T> Iterator<T> map(Work<T> work) {
      return new Iterator<>() {
        private int taken;

        @Override
        public boolean hasNext() {
          return source.hasNext();
        }

        @Override
        public T next() {
          List<Tensor> inputs = source.next();
          int images = inputs.get(0).size(0);
          Batch batch = new Batch(inputs, rows(units, taken, images));
          taken += images;
          return work.of(batch, taken);
        }
      };
    }
  }
}
