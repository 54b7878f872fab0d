package dev.keralens.app;

import dev.keralens.file.WholeFile;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.ColoredText;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows a text in colours: at the terminal, as a picture, as a page. */
final class TextOutput {
  private static final int WIDTH = 900;

  /** A map over the words, and what it is of. */
  record Shown(String title, ColoredText text, Tensor map) {}

  private TextOutput() {}

  /** Prints in colours where the terminal has them, and numbers where there is none. */
  static void print(List<Shown> maps, PrintWriter out, Map<String, String> environment) {
    ColoredText.Depth depth = depth(environment, Terminal.isOutput());
    for (Shown map : maps) {
      out.println(Terminal.line(map.title));
      if (depth == null) {
        out.print(map.text.table());
      } else {
        out.println(map.text.ansi(depth, Terminal.width().orElse(Integer.MAX_VALUE)));
      }
    }
    out.flush();
  }

  /** How many colours are shown; null for none. */
  static ColoredText.@Nullable Depth depth(Map<String, String> environment, boolean isTerminal) {
    String kind = environment.getOrDefault("TERM", "");
    if (!isTerminal || !environment.getOrDefault("NO_COLOR", "").isEmpty() || kind.equals("dumb")) {
      return null;
    }
    String color = environment.getOrDefault("COLORTERM", "").toLowerCase(Locale.ROOT);
    if (color.equals("truecolor")
        || color.equals("24bit")
        || environment.containsKey("WT_SESSION")) {
      return ColoredText.Depth.TRUE_COLOR;
    }
    return kind.contains("color") || kind.startsWith("xterm") || kind.startsWith("screen")
        ? ColoredText.Depth.INDEXED
        : null;
  }

  static void write(List<Shown> maps, Path file) throws IOException {
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".html")) {
      WholeFile.write(file, part -> Files.writeString(part, page(maps)));
    } else if (name.endsWith(".npy") && maps.size() == 1) {
      Npy.write(file, maps.get(0).map);
    } else if ((name.endsWith(".png") || name.endsWith(".jpg")) && maps.size() == 1) {
      String format = name.endsWith(".png") ? "png" : "jpg";
      Picture picture = maps.get(0).text.picture(WIDTH, maps.get(0).title);
      WholeFile.write(
          file,
          part -> {
            try (OutputStream out = Files.newOutputStream(part)) {
              picture.write(out, format);
            }
          });
    } else {
      throw new UsageException(
          "-o %s: a text is written as .html, and where it has one map as .png, .jpg or .npy; here are %d maps."
              .formatted(file, maps.size()));
    }
  }

  private static String page(List<Shown> maps) {
    StringBuilder page =
        new StringBuilder(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Keralens</title>
            <style>body{font:18px/2 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}
            .keralens span{padding:.15em .1em;border-radius:.2em} h2{font-size:1em;color:#444}</style></head><body>
            """);
    for (Shown map : maps) {
      String title = map.title.replace("&", "&amp;").replace("<", "&lt;");
      page.append("<h2>%s</h2>%n%s%n".formatted(title, map.text.html()));
    }
    return page.append("</body></html>\n").toString();
  }
}
