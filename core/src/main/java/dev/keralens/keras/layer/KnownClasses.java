package dev.keralens.keras.layer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Layers that published packages bring and many models hold. They have no weights.
 *
 * <p>A class of the user's may have the same name. So a row takes only layers that have the
 * arguments of the package's class.
 *
 * <p>To add one: a row in {@link #ROWS}, and its test in {@code KnownClassesTest}.
 */
public final class KnownClasses {
  /**
   * A class.
   *
   * @param arguments one of which the configuration has; empty where the class has none
   */
  private record Row(Function<LayerCall, KerasTensor> builder, List<String> arguments) {}

  private static final Map<String, Row> ROWS =
      Map.of(
          // AutoKeras, at the beginning of every image model.
          "CastToFloat32", new Row(KnownClasses::castToFloat, List.of()),
          "ExpandLastDim", new Row(KnownClasses::expandLast, List.of()),
          // The package efficientnet.
          "FixedDropout", new Row(CoreLayers::identity, List.of("rate")),
          // Paths that are dropped in training alone: of EfficientNet, of transformers.
          "DropConnect", new Row(CoreLayers::identity, List.of("drop_connect_rate", "rate")),
          "DropPath", new Row(CoreLayers::identity, List.of("drop_prob", "drop_rate", "rate")));

  private KnownClasses() {}

  /** The class of a layer, or null where none is known. */
  public static @Nullable LayerType find(String name, JsonNode config) {
    Row row = ROWS.get(name);
    boolean fits =
        row != null && (row.arguments.isEmpty() || row.arguments.stream().anyMatch(config::has));
    return row == null || !fits ? null : LayerType.of(layer -> List.of(row.builder.apply(layer)));
  }

  private static KerasTensor castToFloat(LayerCall layer) {
    KerasTensor x = layer.input();
    return new KerasTensor(layer.graph().cast(x.value(), ElementType.FLOAT32), x.layout());
  }

  /** Adds a last axis of size 1. */
  private static KerasTensor expandLast(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    int[] sizes = Arrays.copyOf(x.shape().sizes(), x.rank() + 1);
    sizes[x.rank()] = 1;
    return KerasTensor.plain(graph.reshape(x, Shape.of(sizes)));
  }
}
