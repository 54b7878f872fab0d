package dev.keralens.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Explanation;
import dev.keralens.Scores;
import dev.keralens.Version;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.Logits;
import dev.keralens.inspect.Summary;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.picture.draw.ColorMap;
import dev.keralens.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** What the page is told, as JSON. */
final class Describe {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final int COLORS = 512;

  private Describe() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** The model: what it takes, what it gives, its layers. */
  static ObjectNode model(Bench bench) {
    PageModel model = bench.model();
    Network network = bench.network();
    KerasTensor explained = bench.input();
    Summary summary = Summary.of(model.model().name(), model.model().inputs(), network);
    ObjectNode node = object();
    node.put("name", model.model().name());
    node.put("given", model.given());
    node.put("options", model.options());
    node.put("sha256", model.sha256());
    node.put("format", model.model().format());
    node.put("kind", bench.kind().name().toLowerCase(Locale.ROOT));
    node.put("preprocessing", model.preprocessing());
    node.put("text", model.takesText());
    node.put("parameters", summary.parameters());
    node.put("units", bench.explained().units());
    node.put("named", model.hasNames());
    node.put(
        "probabilities", Logits.of(network, bench.explained().position()).endsInProbabilities());
    node.put("explained", explained(bench));
    node.put("keralens", Version.current());
    node.put("java", Runtime.version().toString());
    node.put("device", "CPU, " + Runtime.getRuntime().availableProcessors() + " processors");
    sizes(node.putArray("input"), bench.sizes());
    sizes(node.putArray("places"), explained.places());
    node.put("channelAxis", explained.shape().rank() < 3 ? -1 : explained.channelAxis());
    ArrayNode inputs = node.putArray("inputs");
    model.model().inputs().forEach(input -> inputs.add(input + " " + input.type()));
    ArrayNode named = node.putArray("inputNames");
    model.model().inputs().forEach(input -> named.add(input.name()));
    node.put("explainedInput", model.explained());
    ArrayNode parts = node.putArray("parts");
    model.parts().forEach(parts::add);
    ArrayNode outputs = node.putArray("outputs");
    network.outputs().forEach(output -> outputs.add(shape(output.shape())));
    ArrayNode findings = node.putArray("findings");
    summary
        .findings()
        .forEach(f -> findings.addObject().put("what", f.what()).put("ground", f.ground()));
    int rank = explained.places().length;
    ArrayNode layers = node.putArray("layers");
    for (Layer layer : network.layers()) {
      ObjectNode row = layers.addObject();
      row.put("name", layer.name());
      row.put("class", layer.className());
      row.put("parameters", layer.parameters());
      ArrayNode shapes = row.putArray("shapes");
      summary.shapes(layer).forEach(shape -> shapes.add(shape(shape)));
      ArrayNode marks = row.putArray("marks");
      summary.marks(layer).forEach(marks::add);
      row.put("spatial", isSpatial(layer, rank));
    }
    ArrayNode names = node.putArray("names");
    for (int unit = 0; unit < Math.min(bench.explained().units(), 50_000); unit++) {
      names.add(model.unitName(unit));
    }
    return node;
  }

  /** What is explained, in words; of which output, where the model has several. */
  static String explained(Bench bench) {
    return Report.explained(bench.explained(), bench.outputNames());
  }

  /** Whether a layer gives maps over as many axes as the input has places. */
  private static boolean isSpatial(Layer layer, int rank) {
    if (layer.calls().isEmpty()) {
      return false;
    }
    List<KerasTensor> outputs = layer.calls().get(layer.calls().size() - 1).outputs();
    return !outputs.isEmpty() && outputs.get(0).shape().rank() == rank + 2;
  }

  private static void sizes(ArrayNode node, int[] sizes) {
    for (int size : sizes) {
      node.add(size);
    }
  }

  private static String shape(Shape shape) {
    StringBuilder text = new StringBuilder("(");
    for (int i = 0; i < shape.rank(); i++) {
      text.append(i == 0 ? "" : ", ").append(shape.size(i) < 0 ? "None" : shape.size(i));
    }
    return text.append(shape.rank() == 1 ? ",)" : ")").toString();
  }

  /** The colour maps: 512 colours each, as bytes of red, green and blue. */
  static ArrayNode colorMaps() {
    ArrayNode all = JSON.createArrayNode();
    for (String name : ColorMap.names()) {
      ColorMap map = ColorMap.of(name);
      byte[] bytes = new byte[COLORS * 3];
      for (int i = 0; i < COLORS; i++) {
        int color = map.color(i / (COLORS - 1.0));
        bytes[i * 3] = (byte) (color >> 16);
        bytes[i * 3 + 1] = (byte) (color >> 8);
        bytes[i * 3 + 2] = (byte) color;
      }
      all.addObject()
          .put("name", name)
          .put("diverging", map.isDiverging())
          .put("colors", Base64.getEncoder().encodeToString(bytes));
    }
    return all;
  }

  /** The methods: what each shows, costs and can be told. */
  static ArrayNode methods(Bench bench) {
    ArrayNode all = JSON.createArrayNode();
    for (Bench.Row row : bench.methods()) {
      ObjectNode node = all.addObject();
      node.put("name", row.row().name());
      node.put("title", row.method().title());
      node.put("summary", row.row().summary());
      node.put("paper", row.row().paper());
      node.put("passes", row.method().info().passes());
      node.put("filter", row.filter());
      node.put("layers", row.method().explainsActivations());
      node.put("pixels", row.method().info().showsPixels());
      node.put("ofAllUnits", row.method().info().isOfAllUnits());
      node.put("fits", row.fit().fits());
      node.put("java", row.method().getClass().getSimpleName());
      row.fit().refusal().ifPresent(why -> node.put("refusal", Told.text(why)));
      ArrayNode fields = node.putArray("settings");
      MethodSettings.of(row.method()).forEach(field -> fields.addPOJO(field));
    }
    return all;
  }

  /** An input and what the model says of it. */
  static ObjectNode item(Bench bench, Items.Item item, Items.Ready ready, Scores scores) {
    ObjectNode node = object();
    node.put("id", item.id());
    node.put("name", item.name());
    node.put("label", item.label());
    node.put("of", item.of());
    if (!ready.words().isEmpty()) {
      node.putArray("places").add(ready.words().size());
      ArrayNode words = node.putArray("words");
      ready.words().forEach(words::add);
      node.put("text", new String(item.content(), StandardCharsets.UTF_8));
    }
    if (!item.parts().isEmpty()) {
      ObjectNode files = node.putObject("files");
      item.parts().forEach((input, file) -> files.put(input, file.name()));
    }
    if (ready.shown() != null) {
      node.put("width", ready.shown().width());
      node.put("height", ready.shown().height());
    }
    node.set("top", units(bench.model(), scores.units(), scores.scores(), scores.outputs()));
    node.put("millis", bench.millis());
    return node;
  }

  /** Units with their scores. */
  static ArrayNode units(PageModel model, Tensor units, Tensor scores, Tensor outputs) {
    ArrayNode all = JSON.createArrayNode();
    boolean byPlace = units.rank() > 2;
    int count = scores.size(-1);
    for (int k = 0; k < count; k++) {
      ObjectNode one = all.addObject();
      int unit = byPlace ? k : Math.toIntExact(units.getLong(0, k));
      one.put("unit", unit);
      one.put("name", model.unitName(unit));
      number(one, "score", scores.get(0, k));
      number(one, "output", outputs.get(0, k));
    }
    return all;
  }

  private static void number(ObjectNode node, String name, float value) {
    if (Float.isFinite(value)) {
      node.put(name, value);
    } else {
      node.put(name, String.valueOf(value));
    }
  }

  /** Maps of one input: one for each layer that is explained, each of several units. */
  static ObjectNode maps(Bench bench, Bench.Question question, List<Explanation> maps) {
    ObjectNode node = object();
    node.put("filter", bench.filter(question));
    ArrayNode all = node.putArray("maps");
    for (Explanation one : maps) {
      ObjectNode layer = all.addObject();
      layer.put("explained", one.explained());
      sizes(layer.putArray("shape"), one.map(0, 0).shape());
      ArrayNode units = units(bench.model(), one.units(), one.scores(), one.outputs());
      for (int k = 0; k < units.size(); k++) {
        ObjectNode unit = (ObjectNode) units.get(k);
        unit.put("finding", one.finding(0, k).name().toLowerCase(Locale.ROOT));
        Tensor gaps = one.gaps();
        if (gaps != null) {
          number(unit, "gap", gaps.get(0, k));
        }
      }
      layer.set("units", units);
    }
    return node;
  }

  /** The numbers of {@link #maps}, map by map. */
  static byte[] numbers(List<Explanation> maps) {
    return Frames.bytes(
        maps.stream()
            .flatMap(
                one ->
                    java.util.stream.IntStream.range(0, one.unitsPerImage())
                        .mapToObj(k -> one.map(0, k).toFloatArray()))
            .toArray(float[][]::new));
  }
}
