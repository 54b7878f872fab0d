package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.Summary;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A summary as objects to be written as JSON; the batch's size is null. */
final class SummaryJson {
  private SummaryJson() {}

  private static List<@Nullable Integer> sizes(Shape shape) {
    List<@Nullable Integer> sizes = new ArrayList<>();
    for (int size : shape.sizes()) {
      sizes.add(size < 0 ? null : Integer.valueOf(size));
    }
    return sizes;
  }

  static Map<String, Object> of(Summary summary) {
    Network network = summary.network();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", summary.name());
    List<Object> inputs = new ArrayList<>();
    for (int i = 0; i < summary.inputs().size(); i++) {
      InputSpec input = summary.inputs().get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", input.name());
      one.put("dtype", input.type().name().toLowerCase(Locale.ROOT));
      KerasTensor tensor = network.inputs().get(i);
      one.put("shape", sizes(tensor.shape()));
      if (tensor.shape().rank() > 2 && tensor.channelAxis() > 0) {
        one.put("channel_axis", tensor.channelAxis());
      }
      inputs.add(one);
    }
    json.put("inputs", inputs);
    json.put("outputs", network.outputs().stream().map(t -> sizes(t.shape())).toList());
    json.put("output_names", summary.outputs());
    json.put("total_params", summary.parameters());
    put(json, "logits_layer", summary.logits());
    put(json, "pooling_layer", summary.pooling());
    put(json, "explained_activation", summary.activation());
    Map<String, String> findings = new LinkedHashMap<>();
    summary.findings().forEach(finding -> findings.put(finding.what(), finding.ground()));
    json.put("findings", findings);
    List<List<String>> connections = summary.connections();
    List<Object> layers = new ArrayList<>();
    for (Layer layer : network.layers()) {
      layers.add(layer(summary, layer, connections.get(layers.size())));
    }
    json.put("layers", layers);
    return json;
  }

  static Map<String, Object> of(InputScaling scaling) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("preprocess", scaling.preprocessing().label());
    json.put("certainty", scaling.certainty().name().toLowerCase(Locale.ROOT));
    json.put("ground", scaling.ground());
    return json;
  }

  private static void put(Map<String, Object> json, String key, @Nullable Layer layer) {
    if (layer != null) {
      json.put(key, layer.name());
    }
  }

  private static Map<String, Object> layer(Summary summary, Layer layer, List<String> connections) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", layer.name());
    json.put("class_name", layer.className());
    json.put("output_shapes", summary.shapes(layer).stream().map(SummaryJson::sizes).toList());
    json.put("params", layer.parameters());
    json.put("connected_to", connections);
    json.put("marks", summary.marks(layer));
    return json;
  }
}
