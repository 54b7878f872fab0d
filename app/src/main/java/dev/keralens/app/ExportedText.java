package dev.keralens.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an exported file says of itself, in a line. */
final class ExportedText {
  private ExportedText() {}

  /**
   * What an exported file says of itself, in a line.
   *
   * @param metadata its metadata
   */
  static String of(Map<String, String> metadata) {
    String source = metadata.getOrDefault("keralens.source", "a model");
    String step = metadata.get("keralens.open_sizes.step");
    String sizes =
        step == null
            ? ""
            : "; sizes of the input: multiples of %s from %s"
                .formatted(step, metadata.get("keralens.open_sizes.least"));
    String methods = metadata.get("keralens.methods");
    if (methods == null) {
      return source + " alone" + sizes;
    }
    List<String> parts = new ArrayList<>();
    for (String key : metadata.keySet()) {
      if (key.endsWith(".method")) {
        String map = key.substring("keralens.".length(), key.length() - ".method".length());
        String layer = metadata.get("keralens." + map + ".layer");
        parts.add(
            "%s (%s%s)".formatted(map, metadata.get(key), layer == null ? "" : " of " + layer));
      }
    }
    return "an explainer of %s: %s; units: %s%s"
        .formatted(source, String.join(", ", parts), metadata.get("keralens.units"), sizes);
  }
}
