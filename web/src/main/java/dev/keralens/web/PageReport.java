package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.Explanation;
import dev.keralens.explain.Method;
import dev.keralens.inspect.logits.Logits;
import dev.keralens.picture.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The report of what is on the page. */
final class PageReport {
  private PageReport() {}

  /** What is asked of each method. */
  static List<Bench.Question> questions(JsonNode node) {
    List<String> layers = new ArrayList<>();
    node.path("layers").forEach(layer -> layers.add(layer.asText()));
    List<Bench.Question> all = new ArrayList<>();
    for (JsonNode one : node.path("methods")) {
      Map<String, String> settings = new LinkedHashMap<>();
      one.path("settings")
          .properties()
          .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
      all.add(new Bench.Question(one.path("method").asText(), settings, layers));
    }
    if (all.isEmpty() || all.size() > 64 || layers.size() > 16) {
      throw new IllegalArgumentException("From 1 to 64 methods, and at most 16 layers.");
    }
    return all;
  }

  /** The file. */
  static byte[] of(Bench bench, Items.Item item, Items.Ready ready, JsonNode node)
      throws IOException {
    Picture shown = ready.shown();
    if (shown == null) {
      throw new IllegalArgumentException("Reports are of pictures.");
    }
    PageModel model = bench.model();
    List<Report.Column> columns = new ArrayList<>();
    List<Report.Cell> cells = new ArrayList<>();
    for (Bench.Question question : questions(node)) {
      Method method = bench.method(question);
      List<Explanation> maps = bench.explain(question, ready.x(), Api.units(node, bench));
      for (Explanation why : maps) {
        String key = question.method() + ":" + why.explained();
        String note = (maps.size() > 1 ? why.explained() + " " : "") + words(question.settings());
        columns.add(
            new Report.Column(
                key,
                method.title(),
                note.strip(),
                bench.filter(question),
                method.info().showsPixels()));
        for (int k = 0; k < why.unitsPerImage(); k++) {
          int unit = why.unit(0, k);
          cells.add(
              new Report.Cell(
                  unit,
                  model.unitName(unit),
                  why.scores().get(0, k),
                  why.outputs().get(0, k),
                  key,
                  why.map(0, k)));
        }
      }
    }
    var network = model.model().network(List.of(model.shape()));
    List<Integer> places = Arrays.stream(network.inputs().get(0).places()).boxed().toList();
    Report report =
        new Report(
            new Report.About(
                model.model().name(),
                model.sha256(),
                model.preprocessing(),
                "keralens serve --model " + model.given(),
                Logits.of(network, bench.explained().position()).endsInProbabilities(),
                places,
                columns),
            1,
            cells.size());
    report.add(item.name(), shown, cells);
    return report.html();
  }

  private static String words(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
