package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;

/**
 * One graph that has the passes of an {@link Ensemble} as rows, for files that others run: what
 * {@link Probes} give when they are asked is computed in it.
 *
 * <p>The rows of an image lie beside one another: (batch * passes, axes...) is (batch, passes,
 * axes...) with the first two axes {@linkplain #together together}.
 *
 * <p>It is given to methods; a later version may have more in it.
 */
public interface Unrolling {
  /**
   * What an ensemble adds.
   *
   * @param maps float (batch, axes..., k), as {@link Passes#maps} gives them
   * @param joining what becomes of them before the filter
   */
  record Maps(Value maps, Plan.Joining joining) {
    /**
     * {@return maps that are whole}
     *
     * @param maps float (batch, places..., k)
     */
    public static Maps of(Value maps) {
      return new Maps(maps, Plan.Joining.NONE);
    }
  }

  /** {@return the builder of the graph} */
  GraphBuilder builder();

  /** {@return the explained input} */
  KerasTensor input();

  /** {@return how many inputs the network has} */
  int inputs();

  /** {@return the score of each unit of the images as they are: float (batch, k)} */
  Value scores();

  /** {@return the explained activation as the network has it} */
  KerasTensor activationTensor();

  /** {@return the explained activation, as {@link Probes#activation} has it} */
  Value activation();

  /**
   * Requires an input that may be changed a little.
   *
   * @param change what the method does to it, such as "SmoothGrad adds noise to"
   * @throws UnsupportedModelException if it holds whole numbers that stand for words or the like
   */
  void requireReal(String change);

  /**
   * Requires that so many passes can be rows of one run.
   *
   * @param passes how many the network runs for each image
   * @param fewer how to have fewer, such as "--steps"
   * @throws UnsupportedModelException if they are too many
   */
  void requireRows(long passes, String fewer);

  /**
   * Requires that the file holds so many numbers of the method's own.
   *
   * @param what what they are, such as "noise"
   * @param numbers how many
   * @param fewer how to have fewer
   * @throws UnsupportedModelException if they are too many
   */
  void requireRoom(String what, double numbers, String fewer);

  /**
   * {@return the passes of each image as rows: (batch * passes, axes...)}
   *
   * @param apart (batch, passes, axes...)
   */
  Value together(Value apart);

  /**
   * {@return rows as the passes of each image: (batch, passes, axes...)}
   *
   * @param rows (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  Value apart(Value rows, int passes);

  /**
   * {@return the scores of changed images: float (batch, passes, k)}
   *
   * @param changed the explained input: (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  Value scores(Value changed, int passes);

  /**
   * {@return the maps of another method over changed images, neither filtered nor resized: float
   * (batch, passes, places..., k)}
   *
   * @param method the method
   * @param changed the explained input: (batch * passes, axes...)
   * @param passes how many rows each image has
   */
  Value maps(Method method, Value changed, int passes);

  /**
   * {@return the maps of another method over images of another size: float (batch, places..., k)}
   *
   * @param method the method
   * @param places the size of each spatial axis of the input
   * @param purpose what needs it, for the message
   * @param resized the explained input at this size
   * @throws UnsupportedModelException if the model does not take its input at this size
   */
  Value mapsAt(Method method, int[] places, String purpose, Value resized);
}
