package dev.keralens.keras.recurrent;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WeightLists;
import dev.keralens.keras.weights.WeightPart;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The cells that recurrent layers repeat, by the class of the cell.
 *
 * <p>To add one, add a row here and a case of {@code RNN} to {@code LayerGoldenTest}'s data.
 */
public final class RecurrentCells {
  /**
   * A class of cells.
   *
   * @param maker makes a cell from its arguments and weights; the text comes before a weight's name
   * @param parts which weights and inner cells it holds
   */
  public record CellType(
      BiFunction<LayerCall, String, RecurrentCell> maker,
      Function<LayerConfig, List<WeightPart>> parts) {}

  public static final Map<String, CellType> TYPES =
      Map.ofEntries(
          entry(
              "GRUCell",
              new CellType(
                  (c, p) -> new GruCell(RecurrentWeights.of(c, p)), config -> weights(config, ""))),
          entry(
              "LSTMCell",
              new CellType(
                  (c, p) -> new LstmCell(RecurrentWeights.of(c, p)),
                  config -> weights(config, ""))),
          entry(
              "SimpleRNNCell",
              new CellType(
                  (c, p) -> new SimpleCell(RecurrentWeights.of(c, p)),
                  config -> weights(config, ""))),
          entry(
              "StackedRNNCells", new CellType((c, p) -> new StackedCells(c), StackedCells::parts)));

  private RecurrentCells() {}

  /** {@return kernel, recurrent kernel and bias} */
  static List<WeightPart> weights(LayerConfig config, String prefix) {
    return config.flag("use_bias", true)
        ? WeightLists.trainable(prefix + "kernel", prefix + "recurrent_kernel", prefix + "bias")
        : WeightLists.trainable(prefix + "kernel", prefix + "recurrent_kernel");
  }

  /**
   * {@return the cell that an argument of a layer describes}
   *
   * @param layer the layer
   * @param attribute where the layer holds it: {@code cell}, or {@code cells/0}
   * @param envelope its class and arguments
   */
  static RecurrentCell of(LayerCall layer, String attribute, JsonNode envelope) {
    String className = envelope.path("class_name").asText();
    CellType type = TYPES.get(className.substring(className.lastIndexOf('>') + 1));
    if (type == null) {
      throw layer.unsupported(
          "its cell is of the class '%s', for which there is no builder. Give one for this layer"
                  .formatted(className)
              + " (LayerRegistry.withLayer(\"%s\", builder)).".formatted(layer.name()));
    }
    return type.maker().apply(layer.inner(attribute, envelope), "");
  }
}
