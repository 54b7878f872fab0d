package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.Explanation;
import dev.keralens.Units;
import dev.keralens.explain.Method;
import dev.keralens.inspect.Logits;
import dev.keralens.picture.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The report of pictures that the page has: those that were looked at, or the whole gallery. */
final class PageReport {
  private static final int MOST_PICTURES = 500;

  /** Hears how many pictures are done. */
  @FunctionalInterface
  interface Progress {
    void passed(int done, int total);
  }

  /** A picture that goes in, and which of its units. */
  private record Wanted(JsonNode asked, String item, int sample) {}

  private final List<Wanted> wanted;
  private final List<Bench.Question> questions;
  private final Items items;
  private final Gallery gallery;
  private final long mostPixels;

  private PageReport(
      List<Wanted> wanted,
      List<Bench.Question> questions,
      Items items,
      Gallery gallery,
      long mostPixels) {
    this.wanted = wanted;
    this.questions = questions;
    this.items = items;
    this.gallery = gallery;
    this.mostPixels = mostPixels;
  }

  /**
   * A report that is asked for.
   *
   * @param node the methods and layers; {@code pictures}, of each its item or its number in the
   *     gallery, and its units or how many of the highest
   */
  static PageReport of(JsonNode node, Items items, Gallery gallery, long mostPixels)
      throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    for (JsonNode one : node.path("pictures")) {
      int sample = one.path("sample").asInt(-1);
      String item = sample >= 0 ? "" : items.get(one.path("item").asText()).id();
      wanted.add(new Wanted(one, item, sample));
    }
    if (wanted.isEmpty() || wanted.size() > MOST_PICTURES) {
      throw new IllegalArgumentException(
          "A report has from 1 to %d pictures.".formatted(MOST_PICTURES));
    }
    return new PageReport(wanted, Asked.questions(node), items, gallery, mostPixels);
  }

  /** Explains all pictures, and gives the file; called on the thread of the queue. */
  byte[] html(Bench bench, Progress progress) throws IOException {
    Report report = null;
    for (int i = 0; i < wanted.size(); i++) {
      Wanted one = wanted.get(i);
      Items.Item item = one.sample() >= 0 ? gallery.item(one.sample()) : items.get(one.item());
      Items.Ready ready = items.ready(item.id(), bench.model(), mostPixels);
      Picture shown = ready.shown();
      if (shown == null) {
        throw new IllegalArgumentException("Reports are of pictures.");
      }
      List<Report.Column> columns = new ArrayList<>();
      List<Report.Cell> cells = cells(bench, ready, Asked.units(one.asked(), bench), columns);
      if (report == null) {
        report = new Report(about(bench, columns), wanted.size(), cells.size());
      }
      report.add(item.name(), shown, cells);
      progress.passed(i + 1, wanted.size());
    }
    if (report == null) {
      throw new IllegalArgumentException("A report has at least one picture.");
    }
    return report.html();
  }

  private List<Report.Cell> cells(
      Bench bench, Items.Ready ready, Units units, List<Report.Column> columns) {
    PageModel model = bench.model();
    List<Report.Cell> cells = new ArrayList<>();
    for (int q = 0; q < questions.size(); q++) {
      Bench.Question question = questions.get(q);
      Method method = bench.method(question);
      List<Explanation> maps = bench.explain(question, ready.inputs(), units);
      for (int layer = 0; layer < maps.size(); layer++) {
        Explanation why = maps.get(layer);
        String key = "c%d-%d".formatted(q, layer);
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
    return cells;
  }

  private static Report.About about(Bench bench, List<Report.Column> columns) {
    PageModel model = bench.model();
    return new Report.About(
        model.model().name(),
        model.sha256(),
        model.preprocessing(),
        Describe.explained(bench),
        "keralens serve --model " + model.given() + model.options(),
        Logits.of(bench.network(), bench.explained().position()).endsInProbabilities(),
        Arrays.stream(bench.input().places()).boxed().toList(),
        columns);
  }

  private static String words(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
