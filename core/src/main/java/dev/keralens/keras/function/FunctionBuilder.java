package dev.keralens.keras.function;

import dev.keralens.network.KerasTensor;
import java.util.List;

/** Adds what a library's function computes to the graph. */
@FunctionalInterface
public interface FunctionBuilder {
  /**
   * Adds the nodes of one call of a function.
   *
   * @param operands what it is called with
   * @return what it gives
   */
  List<KerasTensor> build(Operands operands);
}
