package dev.keralens.app;

import dev.keralens.Explanation;
import dev.keralens.explain.Method;
import dev.keralens.file.WholeFile;
import dev.keralens.web.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes one HTML file with all pictures and maps, to be looked at as on the page. */
final class ReportWriter implements Writer {
  private final Path file;
  private final Subject subject;
  private final Labels labels;
  private final String explained;
  private final String sha256;
  private final String command;
  private final boolean raw;
  private @Nullable Report report;
  private int images;

  /**
   * Nothing is written yet.
   *
   * @param explained what is explained of the model
   * @param sha256 the SHA-256 of the model's file
   * @param command what was typed
   * @param raw whether maps come unfiltered, so that the report can filter them
   */
  ReportWriter(
      Path file,
      Subject subject,
      Labels labels,
      String explained,
      String sha256,
      String command,
      boolean raw) {
    this.explained = explained;
    this.file = file;
    this.subject = subject;
    this.labels = labels;
    this.sha256 = sha256;
    this.command = command;
    this.raw = raw;
  }

  @Override
  public void add(Explained batch) throws IOException {
    Report pages = report;
    if (pages == null) {
      pages = begin(batch);
      report = pages;
    }
    for (int i = 0; i < batch.images(); i++) {
      List<Report.Cell> cells = new ArrayList<>();
      for (int e = 0; e < batch.explanations().size(); e++) {
        Explanation why = batch.explanations().get(e);
        for (int k = 0; k < batch.unitsPerImage(); k++) {
          int unit = batch.unit(i, k);
          cells.add(
              new Report.Cell(
                  unit,
                  labels.classes().shortName(unit),
                  why.scores().get(i, k),
                  batch.score(i, k),
                  "c" + e,
                  why.map(i, k)));
        }
      }
      pages.add(subject.inputs().name(batch.place(i)), batch.pictures().get(i), cells);
      images++;
    }
  }

  private Report begin(Explained batch) {
    List<Report.Column> columns = new ArrayList<>();
    for (int e = 0; e < batch.explanations().size(); e++) {
      Method method = batch.methods().get(e);
      String title = batch.title(e, "\n");
      int line = title.indexOf('\n');
      columns.add(
          new Report.Column(
              "c" + e,
              line < 0 ? title : title.substring(0, line),
              line < 0 ? "" : title.substring(line + 1),
              raw ? Report.filterName(method.usualFilter()) : "none",
              batch.ofPixels(e)));
    }
    int[] places = subject.network().inputs().get(0).places();
    return new Report(
        new Report.About(
            subject.model().name(),
            sha256,
            subject.pixels().label(),
            explained,
            command,
            labels.probabilities(),
            Arrays.stream(places).boxed().toList(),
            columns),
        subject.inputs().count(),
        batch.unitsPerImage() * columns.size());
  }

  @Override
  public Path file(Explained batch, int image, int explanation, int place) {
    return file;
  }

  @Override
  public String finish() throws IOException {
    Report whole = report;
    if (whole == null) {
      throw new IOException("No image could be read, so there is nothing to report.");
    }
    byte[] html = whole.html();
    WholeFile.write(file, part -> Files.write(part, html));
    return "%s: %d %s, %.1f MB"
        .formatted(file, images, images == 1 ? "image" : "images", html.length / 1e6);
  }

  /** What was typed, as a shell takes it. */
  static String command(List<String> words) {
    StringBuilder line = new StringBuilder("keralens");
    for (String word : words) {
      boolean plain = word.matches("[\\w@%+=:,./-]+");
      line.append(' ').append(plain ? word : "'" + word.replace("'", "'\\''") + "'");
    }
    return line.toString();
  }
}
