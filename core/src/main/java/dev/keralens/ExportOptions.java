package dev.keralens;

import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.onnx.write.ExportedGraph;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;

/**
 * What there is to say about an exported ONNX file. Immutable: each method that begins with {@code
 * with} copies.
 */
@CheckReturnValue
public final class ExportOptions {
  private static final ExportOptions DEFAULTS =
      new ExportOptions(Op.OPSET, false, false, List.of(), 1, false, "", List.of());

  private final int opset;
  private final boolean externalData;
  private final boolean replacing;
  private final List<Shape> shapes;
  private final int units;
  private final boolean highest;
  private final String preprocessing;
  private final List<String> classes;

  private ExportOptions(
      int opset,
      boolean externalData,
      boolean replacing,
      List<Shape> shapes,
      int units,
      boolean highest,
      String preprocessing,
      List<String> classes) {
    this.opset = opset;
    this.externalData = externalData;
    this.replacing = replacing;
    this.shapes = shapes;
    this.units = units;
    this.highest = highest;
    this.preprocessing = preprocessing;
    this.classes = classes;
  }

  /** {@return the default options: operator set 20, one file, one unit given with each image} */
  public static ExportOptions defaults() {
    return DEFAULTS;
  }

  /** {@return the version of ONNX's operator set; by default 20, which runs everywhere} */
  public int opset() {
    return opset;
  }

  /**
   * {@return these options with another operator set}
   *
   * @param version from 17 to 24; operators that an older one lacks are refused by name
   * @throws IllegalArgumentException if it is another
   */
  public ExportOptions withOpset(int version) {
    if (version < ExportedGraph.OLDEST_OPSET || version > ExportedGraph.NEWEST_OPSET) {
      throw new IllegalArgumentException(
          "Files have the operator sets %d to %d, got %d."
              .formatted(ExportedGraph.OLDEST_OPSET, ExportedGraph.NEWEST_OPSET, version));
    }
    return new ExportOptions(
        version, externalData, replacing, shapes, units, highest, preprocessing, classes);
  }

  /** {@return whether weights go into a second file; by default false} */
  public boolean externalData() {
    return externalData;
  }

  /**
   * {@return these options with the weights in the file or beside it}
   *
   * @param besides true for a second file, named as the first with {@code .data} behind. One file
   *     holds up to 2 GiB
   */
  public ExportOptions withExternalData(boolean besides) {
    return new ExportOptions(
        opset, besides, replacing, shapes, units, highest, preprocessing, classes);
  }

  /** {@return whether a file that was not written here is replaced; by default false} */
  public boolean replacing() {
    return replacing;
  }

  /**
   * {@return these options, replacing files}
   *
   * @param any true to replace any file but the model's own; false to replace only what was
   *     exported before
   */
  public ExportOptions withReplacing(boolean any) {
    return new ExportOptions(
        opset, externalData, any, shapes, units, highest, preprocessing, classes);
  }

  /** {@return the shape of each input; empty, the default, for the model's own} */
  public List<Shape> shapes() {
    return shapes;
  }

  /**
   * {@return these options with sizes of the inputs; the batch stays free}
   *
   * @param ofInputs the shape of each input as the model shows it, the batch first as {@link
   *     Shape#BATCH}
   */
  public ExportOptions withShapes(List<Shape> ofInputs) {
    return new ExportOptions(
        opset,
        externalData,
        replacing,
        List.copyOf(ofInputs),
        units,
        highest,
        preprocessing,
        classes);
  }

  /** {@return how many units an explainer explains of each image; by default 1} */
  public int units() {
    return units;
  }

  /** {@return whether these are the highest ones, found in the file; by default false} */
  public boolean highest() {
    return highest;
  }

  /**
   * {@return these options, with units given by the input {@code units}, int64 (batch, count)}
   *
   * @param count how many of each image, at least 1
   */
  public ExportOptions withUnitsGiven(int count) {
    return withUnits(count, false);
  }

  /**
   * {@return these options, with the highest units, which come out as {@code saliency_units}, int64
   * (batch, count)}
   *
   * @param count how many of each image, at least 1
   */
  public ExportOptions withHighestUnits(int count) {
    return withUnits(count, true);
  }

  private ExportOptions withUnits(int count, boolean found) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one unit is explained, got " + count + ".");
    }
    return new ExportOptions(
        opset, externalData, replacing, shapes, count, found, preprocessing, classes);
  }

  /** {@return what pixels go through before the model; empty for what the model itself tells} */
  public String preprocessing() {
    return preprocessing;
  }

  /**
   * {@return these options with a word about what pixels go through before the model; it is written
   * into the file, and changes nothing else}
   *
   * @param text such as {@code tf}
   */
  public ExportOptions withPreprocessing(String text) {
    return new ExportOptions(opset, externalData, replacing, shapes, units, highest, text, classes);
  }

  /** {@return what the units are called, from 0; empty where that is not known} */
  public List<String> classes() {
    return classes;
  }

  /**
   * {@return these options with names of the units, which are written into the file}
   *
   * @param names the names, from unit 0
   */
  public ExportOptions withClasses(List<String> names) {
    return new ExportOptions(
        opset, externalData, replacing, shapes, units, highest, preprocessing, List.copyOf(names));
  }
}
