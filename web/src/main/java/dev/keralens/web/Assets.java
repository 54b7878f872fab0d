package dev.keralens.web;

import dev.keralens.web.http.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The files of the page. To add one, name it here; reports get the modules of {@link #REPORT}. */
final class Assets {
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  /** The modules of a report, those first that others import. */
  static final List<String> REPORT =
      List.of(
          "dom.js",
          "numbers.js",
          "draw.js",
          "chart.js",
          "kinds.js",
          "measures.js",
          "view.js",
          "report.js");

  private static final List<String> ALL =
      List.of(
          "index.html",
          "style.css",
          "icon.svg",
          "dom.js",
          "numbers.js",
          "draw.js",
          "chart.js",
          "kinds.js",
          "measures.js",
          "view.js",
          "report.js",
          "api.js",
          "code.js",
          "form.js",
          "files.js",
          "gallery.js",
          "input.js",
          "brush.js",
          "shuffle.js",
          "curves.js",
          "page.js");

  private Assets() {}

  /** The names of all files. */
  static List<String> names() {
    return ALL;
  }

  /** The content type of a file. */
  static String type(String name) {
    return TYPES.getOrDefault(
        name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
  }

  /**
   * A file: only those that are listed, whatever a path says.
   *
   * @throws Refusal if there is none
   */
  static byte[] read(String name) throws IOException {
    if (!ALL.contains(name)) {
      throw new Refusal(404, "There is no such page.");
    }
    try (InputStream in = Assets.class.getResourceAsStream("page/" + name)) {
      if (in == null) {
        throw new Refusal(404, "There is no such page.");
      }
      return in.readAllBytes();
    }
  }

  /** A file as text. */
  static String text(String name) throws IOException {
    return new String(read(name), StandardCharsets.UTF_8);
  }
}
