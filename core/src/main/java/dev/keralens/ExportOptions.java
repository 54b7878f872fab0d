package dev.keralens;

import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.onnx.write.ExportedGraph;
import dev.keralens.tensor.CheckReturnValue;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say about an exported ONNX file. Immutable: each method that begins with {@code
 * with} copies.
 */
@CheckReturnValue
public final class ExportOptions {
  private static final ExportOptions DEFAULTS = new ExportOptions();

  private int opset = Op.OPSET;
  private boolean externalData;
  private boolean halfWeights;
  private boolean replacing;
  private List<Shape> shapes = List.of();
  private boolean openSizes;
  private int units = 1;
  private boolean highest;
  private String preprocessing = "";
  private @Nullable Preprocessing embedded;
  private List<String> classes = List.of();

  private ExportOptions() {}

  private ExportOptions with(Consumer<ExportOptions> change) {
    ExportOptions copy = new ExportOptions();
    copy.opset = opset;
    copy.externalData = externalData;
    copy.halfWeights = halfWeights;
    copy.replacing = replacing;
    copy.shapes = shapes;
    copy.openSizes = openSizes;
    copy.units = units;
    copy.highest = highest;
    copy.preprocessing = preprocessing;
    copy.embedded = embedded;
    copy.classes = classes;
    change.accept(copy);
    return copy;
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
    return with(copy -> copy.opset = version);
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
    return with(copy -> copy.externalData = besides);
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
    return with(copy -> copy.replacing = any);
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
    List<Shape> fixed = List.copyOf(ofInputs);
    return with(copy -> copy.shapes = fixed);
  }

  /** {@return whether sizes that the model leaves open are open in the file; by default false} */
  public boolean openSizes() {
    return openSizes;
  }

  /**
   * {@return these options for a file that leaves open what sizes the model leaves open, or for one
   * of one size} Such a file takes inputs of any size that is a multiple of a step, which it says,
   * and a run with another fails. Where a size decides more than sizes, as of a network that
   * flattens its maps, it is refused by name.
   *
   * @param open true for open sizes; {@link #withShapes} is for the others
   */
  public ExportOptions withOpenSizes(boolean open) {
    return with(copy -> copy.openSizes = open);
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
    return with(
        copy -> {
          copy.units = count;
          copy.highest = found;
        });
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
    return with(copy -> copy.preprocessing = text);
  }

  /** {@return what the file itself does to pixels; by default nothing} */
  public Optional<Preprocessing> embeddedPreprocessing() {
    return Optional.ofNullable(embedded);
  }

  /**
   * {@return these options for a file that takes pixels of 0 to 255 and preprocesses them itself}
   *
   * @param pixels what they go through; the model has one input, which takes pictures
   */
  public ExportOptions withEmbeddedPreprocessing(Preprocessing pixels) {
    return with(copy -> copy.embedded = pixels);
  }

  /** {@return whether weights are stored in half precision; by default false} */
  public boolean halfWeights() {
    return halfWeights;
  }

  /**
   * {@return these options with the weights stored in half precision or as they are}
   *
   * @param half true for a file of half the size, whose outputs and maps are less exact: it
   *     computes in single precision, but each weight is rounded to about three digits. Weights
   *     that half precision cannot hold, above 65,504, stay as they are
   */
  public ExportOptions withHalfWeights(boolean half) {
    return with(copy -> copy.halfWeights = half);
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
    List<String> fixed = List.copyOf(names);
    return with(copy -> copy.classes = fixed);
  }
}
