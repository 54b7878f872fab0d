package dev.keralens.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Version;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A report: one HTML file with pictures and maps that anybody can look at, with the controls of the
 * page, without a network and without Keralens. Maps are held in 8 bits between their smallest and
 * their largest value, so that twenty pictures take less than 3 MB.
 */
public final class Report {
  /** How many bytes the maps of twenty pictures may take before they are compressed. */
  private static final long BUDGET = 1_100_000;

  private static final int PICTURES = 20;
  private static final int LARGEST = 320;
  private static final int SMALLEST_MAP = 14;
  private static final int LARGEST_MAP = 224;
  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*?;\\n");
  private static final Pattern EXPORT = Pattern.compile("(?m)^export (?!\\{)");
  private static final Pattern EXPORTED = Pattern.compile("(?m)^export \\{.*?};?\\n");

  private final ObjectNode data = Describe.object();
  private final ArrayNode pictures = data.putArray("pictures");
  private final int side;

  /**
   * An empty report.
   *
   * @param about what it is about
   * @param images how many pictures will come
   * @param maps how many maps each of them has
   */
  public Report(About about, int images, int maps) {
    data.set("about", about.json());
    long budget = BUDGET * Math.max(PICTURES, images) / PICTURES;
    double each = (double) budget / Math.max(1, (long) images * maps);
    this.side = (int) Math.max(SMALLEST_MAP, Math.min(LARGEST_MAP, Math.sqrt(each)));
  }

  /**
   * {@return what is explained, in words; of a model of several outputs, of which of them}
   *
   * @param explained what the objective comes to in the model
   * @param outputs what the outputs are called, in order
   */
  public static String explained(ResolvedObjective explained, List<String> outputs) {
    String description = explained.description();
    return outputs.size() < 2 || explained.predictions() != null
        ? description
        : "output %s, one of %s: %s"
            .formatted(outputs.get(explained.position()), String.join(", ", outputs), description);
  }

  /**
   * What a report is about.
   *
   * @param model the model's name
   * @param sha256 the SHA-256 of its file; empty where it is no single file
   * @param preprocessing what pixels go through
   * @param explained what is explained of the model
   * @param command the command that made the report
   * @param probabilities whether outputs are probabilities
   * @param places the size of the input along each axis of the maps
   * @param columns the methods
   */
  public record About(
      String model,
      String sha256,
      String preprocessing,
      String explained,
      String command,
      boolean probabilities,
      List<Integer> places,
      List<Column> columns) {
    /** Takes unmodifiable copies. */
    public About {
      places = List.copyOf(places);
      columns = List.copyOf(columns);
    }

    private ObjectNode json() {
      ObjectNode node = Describe.object();
      node.put("model", model).put("sha256", sha256).put("preprocessing", preprocessing);
      node.put("explained", explained);
      node.put("command", command).put("probabilities", probabilities);
      node.put("keralens", Version.current()).put("java", Runtime.version().toString());
      ArrayNode sizes = node.putArray("places");
      places.forEach(sizes::add);
      ArrayNode all = node.putArray("columns");
      for (Column column : columns) {
        all.addObject()
            .put("key", column.key())
            .put("title", column.title())
            .put("note", column.note())
            .put("filter", column.filter())
            .put("pixels", column.pixels());
      }
      return node;
    }
  }

  /**
   * A method, or a layer of it.
   *
   * @param key tells it from the others
   * @param title what it is called
   * @param note its layer and settings
   * @param filter the filter that is usual for its maps; they come unfiltered. "none" where they
   *     come as they are to be shown
   * @param pixels whether its maps are of single pixels
   */
  public record Column(String key, String title, String note, String filter, boolean pixels) {}

  /**
   * A map of a picture.
   *
   * @param unit the unit
   * @param name what it is called
   * @param score what is explained of it
   * @param output the model's output for it
   * @param column the key of its column
   * @param map the map, of any size
   */
  public record Cell(int unit, String name, float score, float output, String column, Tensor map) {}

  /**
   * {@return the filter's name, for {@link Column}; empty for one that has none}
   *
   * @param filter the filter
   */
  public static String filterName(dev.keralens.filter.Filter filter) {
    return FilterNames.of(filter);
  }

  /**
   * Adds a picture with its maps.
   *
   * @param name what it is called
   * @param picture what is drawn
   * @param cells its maps
   * @throws IOException if the picture cannot be encoded
   */
  public void add(String name, Picture picture, List<Cell> cells) throws IOException {
    Picture shown = shown(picture);
    ObjectNode node = pictures.addObject().put("name", name);
    node.put("source", Base64.getEncoder().encodeToString(jpeg(shown)));
    ArrayNode maps = node.putArray("maps");
    for (Cell cell : cells) {
      ObjectNode map = maps.addObject();
      map.put("unit", cell.unit()).put("name", cell.name()).put("column", cell.column());
      map.put("score", cell.score()).put("output", cell.output());
      put(map, cell.map());
    }
  }

  private static Picture shown(Picture picture) {
    Picture rgb = picture.convert(ColorMode.RGB);
    double part = (double) LARGEST / Math.max(rgb.width(), rgb.height());
    boolean small = part > 1.5;
    return part < 1 || small
        ? rgb.resize(
            Math.max(1, (int) Math.round(rgb.height() * part)),
            Math.max(1, (int) Math.round(rgb.width() * part)),
            Interpolation.BICUBIC)
        : rgb;
  }

  private static byte[] jpeg(Picture picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    picture.write(out, "jpg");
    return out.toByteArray();
  }

  /** A map in 8 bits, compressed. A map that is not finite is left out, and said to be so. */
  private void put(ObjectNode node, Tensor map) throws IOException {
    Tensor small = smaller(map);
    float[] values = small.toFloatArray();
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    boolean finite = true;
    for (float value : values) {
      finite &= Float.isFinite(value);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (!finite) {
      node.put("finding", "not finite");
      return;
    }
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (high > low ? Math.round((values[i] - low) / (high - low) * 255) : 0);
    }
    ArrayNode shape = node.putArray("shape");
    for (int size : small.shape()) {
      shape.add(size);
    }
    node.put("low", low)
        .put("high", high)
        .put("values", Base64.getEncoder().encodeToString(deflated(bytes)));
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try (DeflaterOutputStream deflating = new DeflaterOutputStream(out, deflater)) {
      deflating.write(bytes);
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  /** A map that is not larger than its room: means over the places that become one. */
  private Tensor smaller(Tensor map) {
    if (map.rank() != 2 || (map.size(0) <= side && map.size(1) <= side)) {
      return map;
    }
    int height = Math.min(side, map.size(0));
    int width = Math.min(side, map.size(1));
    float[] values = map.toFloatArray();
    float[] out = new float[height * width];
    for (int y = 0; y < height; y++) {
      int top = y * map.size(0) / height;
      int bottom = Math.max(top + 1, (y + 1) * map.size(0) / height);
      for (int x = 0; x < width; x++) {
        int left = x * map.size(1) / width;
        int right = Math.max(left + 1, (x + 1) * map.size(1) / width);
        double sum = 0;
        for (int row = top; row < bottom; row++) {
          for (int column = left; column < right; column++) {
            sum += values[row * map.size(1) + column];
          }
        }
        out[y * width + x] = (float) (sum / ((bottom - top) * (right - left)));
      }
    }
    return Tensor.of(out, height, width);
  }

  /**
   * {@return the file}
   *
   * @throws IOException if a part of the page is missing
   */
  public byte[] html() throws IOException {
    data.set("colorMaps", Describe.colorMaps());
    String style = Assets.text("style.css");
    String script = script();
    String json = Describe.JSON.writeValueAsString(data).replace("<", "\\u003c");
    String html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '%s'; style-src '%s'; img-src data: blob:; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Keralens: a report</title>
        <style>%s</style>
        </head>
        <body>
        <main id="report" class="report"><noscript>This report draws with JavaScript, which is in it.</noscript></main>
        <div id="live" class="hidden" aria-live="polite"></div>
        <script type="application/json" id="data">%s</script>
        <script type="module">%s</script>
        </body>
        </html>
        """
            .formatted(hash(script), hash(style), style, json, script);
    return html.getBytes(StandardCharsets.UTF_8);
  }

  /** The modules of the page as one: names at the top of a module are told apart by a test. */
  static String script() throws IOException {
    StringBuilder all = new StringBuilder("\n");
    for (String name : Assets.REPORT) {
      String module = IMPORT.matcher(Assets.text(name)).replaceAll("");
      module = EXPORTED.matcher(module).replaceAll("");
      all.append(EXPORT.matcher(module).replaceAll(""));
    }
    return all.toString();
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java always has SHA-256.", e);
    }
  }
}
