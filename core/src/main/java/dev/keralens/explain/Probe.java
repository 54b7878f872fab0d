package dev.keralens.explain;

import dev.keralens.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a network, compiled: for these inputs and these units, the scores, and maps
 * where the probe is of a method. Safe for use by several threads at once; closed by who made it.
 */
public interface Probe {
  /**
   * What a network says.
   *
   * @param scores the score of each unit: float (rows, k)
   * @param maps the maps of the method that the probe is of: float (rows, axes..., k); null where
   *     only scores are asked for
   * @param outputs the model's output for each unit, (rows, k); null where it is not asked for
   */
  record Answer(Tensor scores, @Nullable Tensor maps, @Nullable Tensor outputs) {
    /**
     * {@return the maps}
     *
     * @throws IllegalStateException if only scores were asked for
     */
    public Tensor requireMaps() {
      if (maps == null) {
        throw new IllegalStateException("Only scores were asked for.");
      }
      return maps;
    }
  }

  /**
   * Asks.
   *
   * @param inputs the inputs, batch first
   * @param units int64 (rows, k)
   * @return the answer
   */
  Answer ask(List<Tensor> inputs, Tensor units);

  /** {@return whether many rows at once cost less than one after another} */
  default boolean batches() {
    return true;
  }
}
