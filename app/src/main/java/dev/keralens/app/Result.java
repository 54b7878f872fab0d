package dev.keralens.app;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found of one unit of an image, for programs.
 *
 * @param image what the image is called
 * @param source the file it was read from
 * @param map the method and what was made of it; null where nothing was explained
 * @param unit its place in the model's output
 * @param name its name; null where units have none
 * @param score what is explained of it; null where that is a logit or output of its own
 * @param logit its logit, as it was explained; null where the model has none
 * @param probability its probability; null where the output is none
 * @param output what the model gives
 */
record Result(
    String image,
    Path source,
    @Nullable MapOf map,
    int unit,
    @Nullable String name,
    @Nullable Float score,
    @Nullable Float logit,
    @Nullable Float probability,
    float output) {
  /**
   * A map.
   *
   * @param method the name of its method
   * @param layer the layer or input that it explains
   * @param finding what there is to say of it, in lower case
   * @param file where it was written
   */
  record MapOf(String method, String layer, String finding, Path file) {}

  /** The columns of a table, in order; null where there is nothing to say. */
  Map<String, @Nullable Object> columns() {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    columns.put("image", image);
    columns.put("source", source.toString());
    if (map != null) {
      columns.put("method", map.method());
      columns.put("layer", map.layer());
    }
    columns.put("unit", unit);
    columns.put("class", name);
    if (score != null) {
      columns.put("score", finite(score));
    }
    columns.put("logit", finite(logit));
    columns.put("probability", finite(probability));
    columns.put("output", finite(output));
    if (map != null) {
      columns.put("finding", map.finding());
      columns.put("file", map.file().toString());
    }
    return columns;
  }

  /** JSON has no NaN. */
  private static @Nullable Float finite(@Nullable Float number) {
    return number != null && Float.isFinite(number) ? number : null;
  }
}
