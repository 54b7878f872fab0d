package dev.keralens;

import dev.keralens.tensor.Tensor;
import java.util.Iterator;
import java.util.List;

/** Batches as they come, each with its units. */
final class UnitBatches {
  private final Iterator<List<Tensor>> source;
  private final Units units;

  /**
   * Batches of a source.
   *
   * @param units which units; where they are given for each image, those of all batches together
   */
  UnitBatches(Iterator<List<Tensor>> source, Units units) {
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
        Batch batch = new Batch(inputs, UnitColumns.rows(units, taken, images));
        taken += images;
        return work.of(batch, taken);
      }
    };
  }
}
