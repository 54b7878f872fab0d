package dev.keralens.explain.run;

import dev.keralens.explain.PassListener;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Methods, prepared for one network and one size of input. Safe for use by several threads at once;
 * holds native memory until it is closed.
 */
public interface Routine extends AutoCloseable {
  /**
   * Explains a batch.
   *
   * @param inputs the model's inputs, batch first
   * @param units the units that are explained, int64 (batch, k), k as in the setting; null where
   *     the setting takes the highest ones
   * @param listener hears of the passes of methods that need many
   * @return one result per method
   */
  List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units, PassListener listener);

  /**
   * Compiles now what the first run would compile.
   *
   * @param batch how many rows runs will have
   */
  void prepare(int batch);

  @Override
  void close();
}
