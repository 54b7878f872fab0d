package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Units;
import dev.keralens.filter.Resizing;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import dev.keralens.web.http.Refusal;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of a model's output stays where a map lets through only what it marks: the drop of
 * Grad-CAM++ (Chattopadhyay et al., 2018, https://arxiv.org/abs/1710.11063), for one picture. It
 * takes one run of the network.
 */
final class Drops {
  private static final long MOST = 4L << 20;

  private Drops() {}

  /**
   * The drop of one map.
   *
   * @param node the unit and the shape of the map
   * @param values the map after its filter
   */
  static ObjectNode of(Bench bench, Items.Ready ready, JsonNode node, float[] values)
      throws Refusal {
    if (bench.kind() != Bench.Kind.PICTURE) {
      throw new Refusal(422, "Drops are told of pictures.");
    }
    KerasTensor input = bench.input();
    int unit = node.path("unit").asInt(-1);
    Tensor map = Tensor.of(scaled(values), shape(node, values.length));
    float[] shares = Resizing.linear(map, input.places()).toFloatArray();
    Tensor x = ready.x();
    float[] kept = x.toFloatArray().clone();
    float[] black = bench.model().ofPixels(0).toFloatArray();
    int[] places = Curves.places(x.shape(), input.placeAxes());
    for (int i = 0; i < kept.length; i++) {
      kept[i] = black[i] + shares[places[i]] * (kept[i] - black[i]);
    }
    List<Tensor> masked = new ArrayList<>(ready.inputs());
    masked.set(bench.model().explained(), Tensor.of(kept, x.shape()).to(x.type()));
    float before = bench.scores(ready.inputs(), Units.of(unit)).outputs().toFloatArray()[0];
    float after = bench.scores(masked, Units.of(unit)).outputs().toFloatArray()[0];
    ObjectNode told = Describe.object();
    if (Float.isFinite(before) && Float.isFinite(after) && before > 0) {
      told.put("drop", Math.max(0, before - after) / before);
      told.put("increases", after > before);
    }
    return told;
  }

  private static int[] shape(JsonNode node, int count) {
    JsonNode given = node.path("shape");
    int height = given.path(0).asInt(0);
    int width = given.path(1).asInt(0);
    if (given.size() != 2
        || height < 1
        || width < 1
        || (long) height * width > MOST
        || height * width != count) {
      throw new IllegalArgumentException("The map has not the shape that is said.");
    }
    return new int[] {1, height, width, 1};
  }

  /** From 0 to 1. */
  private static float[] scaled(float[] values) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!Float.isFinite(low) || !Float.isFinite(high)) {
      throw new IllegalArgumentException("The map is not finite.");
    }
    float[] scaled = new float[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = high > low ? (values[i] - low) / (high - low) : 0;
    }
    return scaled;
  }
}
