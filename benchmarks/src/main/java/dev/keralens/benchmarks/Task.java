package dev.keralens.benchmarks;

import dev.keralens.tensor.Tensor;

/** Something that can be run again and again. */
interface Task extends AutoCloseable {
  /** Does it once; what it gives can be saved. */
  Tensor run();

  @Override
  void close();
}
