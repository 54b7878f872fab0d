package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Names;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A colour for every number of 0 to 1.
 *
 * <p>Sequential maps order values from little to much; diverging ones ({@link #isDiverging}) set
 * two signs apart around a pale middle. Differs from matplotlib's maps of the same names: not at
 * all for the eye (at most 2/255).
 *
 * <p>To add a map, add a constant and its row in {@code MAPS}, with the knots that {@code
 * parity/images/make_color_maps.py} prints; {@code ColorMapTest} compares each row with matplotlib.
 */
public final class ColorMap {
  /**
   * The classic rainbow from dark blue to dark red. Its brightness has edges where the data have
   * none; kept because papers used it.
   */
  public static final ColorMap JET =
      of(
          "jet",
          false,
          """
          0 000080, 28.05 0000ff, 31.875 0000ff, 86.7 00dbff, 89.25 00e5f7, 95.625 15ffe2, 163.2 efff08,
          165.75 f7f600, 168.3 ffec00, 226.95 ff1300, 232.05 e80000, 255 800000""");

  /** A rainbow without the false edges of jet (Mikhailov, 2019). */
  public static final ColorMap TURBO =
      of(
          "turbo",
          false,
          """
          0 30123b, 1 321543, 10 3b2f80, 18 4146ac, 26 455ccf, 33 476ee6, 41 4682f8,
          48 4294ff, 54 3aa3fc, 63 2ab9ee, 74 1ad2d2, 82 18e0bd, 89 20eaac, 98 38f491,
          112 6dfe62, 123 96fe44, 132 affa37, 141 c6f034, 154 e3db38, 165 f5c53a, 175 fdae35,
          188 fd8a26, 202 f26014, 213 e4450a, 227 ca2a04, 242 a41301, 255 7a0403""");

  /** Dark violet over green to yellow, even in brightness (Smith and van der Walt, 2015). */
  public static final ColorMap VIRIDIS =
      of(
          "viridis",
          false,
          """
          0 440154, 17 481a6c, 35 46307e, 58 3e4c8a, 94 2d718e, 129 20928c, 144 1fa088,
          157 25ac82, 172 38b977, 184 4ec36b, 203 77d153, 233 c5e021, 242 dde318, 248 ece51b,
          255 fde725""");

  /** Black over red to pale yellow, even in brightness (Smith and van der Walt, 2015). */
  public static final ColorMap INFERNO =
      of(
          "inferno",
          false,
          """
          0 000004, 1 010005, 9 040314, 24 150b37, 39 2d0b59, 48 3d0965, 61 520e6d,
          86 7a1d6d, 110 a02a63, 132 c13a50, 154 de5238, 175 f1711f, 194 fa9207, 201 fc9f07,
          208 fcac11, 219 fac228, 231 f5d949, 240 f2ea69, 248 f3f68a, 255 fcffa4""");

  /** Black over violet to cream, even in brightness (Smith and van der Walt, 2015). */
  public static final ColorMap MAGMA =
      of(
          "magma",
          false,
          """
          0 000004, 2 010106, 12 06051a, 29 19103f, 42 2c115f, 54 400f74, 66 54137d,
          90 792282, 120 aa337d, 143 cf4070, 159 e55064, 172 f2645c, 187 fa7f5e, 206 fea36f,
          227 feca8d, 255 fcfdbf""");

  /** Black to white. */
  public static final ColorMap GRAY =
      of(
          "gray",
          false,
          """
          0 000000, 255 ffffff""");

  /** Diverging: blue over light gray to red (Moreland, 2009). */
  public static final ColorMap COOLWARM =
      of(
          "coolwarm",
          true,
          """
          0 3b4cc0, 1 3c4ec2, 25 5977e3, 49 799cf8, 69 94b6ff, 87 adc9fd, 106 c5d6f2,
          127 dcdddd, 140 e9d5cb, 160 f5c4ac, 177 f7af91, 197 f29072, 216 e46e56, 235 d0473d,
          247 c0282f, 255 b40426""");

  /** Diverging: dark blue, blue, white, red, dark red. */
  public static final ColorMap SEISMIC =
      of(
          "seismic",
          true,
          """
          0 00004d, 63.75 0000ff, 127.5 ffffff, 191.25 ff0000, 255 800000""");

  private static final Map<String, ColorMap> MAPS =
      byName(JET, TURBO, VIRIDIS, INFERNO, MAGMA, GRAY, COOLWARM, SEISMIC);

  private final String name;
  private final boolean diverging;
  private final double[] positions;
  private final int[] colors;

  private ColorMap(String name, boolean diverging, double[] positions, int[] colors) {
    this.name = name;
    this.diverging = diverging;
    this.positions = positions;
    this.colors = colors;
  }

  /** Knots are "position rrggbb", the position in 255ths, separated by commas. */
  private static ColorMap of(String name, boolean diverging, String knots) {
    String[] entries = knots.split(",\\s*", -1);
    double[] positions = new double[entries.length];
    int[] colors = new int[entries.length];
    for (int i = 0; i < entries.length; i++) {
      String entry = entries[i];
      int space = entry.indexOf(' ');
      positions[i] = Double.parseDouble(entry.substring(0, space)) / 255;
      colors[i] = Integer.parseInt(entry.substring(space + 1), 16);
    }
    return new ColorMap(name, diverging, positions, colors);
  }

  private static Map<String, ColorMap> byName(ColorMap... maps) {
    Map<String, ColorMap> table = new LinkedHashMap<>();
    for (ColorMap map : maps) {
      table.put(map.name, map);
    }
    return Collections.unmodifiableMap(table);
  }

  /**
   * {@return the colour map of a name, in any case}
   *
   * @param name one of {@link #names}
   * @throws IllegalArgumentException if there is none of that name; the message holds the closest
   */
  public static ColorMap of(String name) {
    return Names.lookup(MAPS, "colour map", name);
  }

  /** {@return the names of all colour maps} */
  public static List<String> names() {
    return List.copyOf(MAPS.keySet());
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return whether the middle is neutral and the ends are opposites, as signed maps want} */
  public boolean isDiverging() {
    return diverging;
  }

  /**
   * {@return the colour of a number, as 0xRRGGBB}
   *
   * @param value the number; below 0 counts as 0, above 1 as 1
   * @throws IllegalArgumentException if it is NaN
   */
  public int color(double value) {
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException("NaN has no colour.");
    }
    double position = Math.max(0, Math.min(1, value));
    int next = 1;
    while (positions[next] < position) {
      next++;
    }
    double share = (position - positions[next - 1]) / (positions[next] - positions[next - 1]);
    return Colors.mix(colors[next - 1], colors[next], share);
  }

  /**
   * {@return the map as a picture of its own, opaque, of the map's size}
   *
   * @param map (height, width) or (height, width, 1), numbers of 0 to 1; others are clipped
   * @throws IllegalArgumentException if the shape is another or a number is NaN or infinite
   */
  public Picture apply(Tensor map) {
    MapValues plane = MapValues.ofMap(map);
    byte[] out = new byte[plane.values().length * 3];
    for (int i = 0; i < plane.values().length; i++) {
      Colors.put(color(plane.values()[i]), out, i * 3);
    }
    return Picture.ofBytes(ColorMode.RGB, plane.height(), plane.width(), out);
  }

  @Override
  public String toString() {
    return name;
  }
}
