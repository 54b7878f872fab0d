package dev.keralens.inspect;

import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.List;
import java.util.Optional;

/**
 * What is explained of an output: its logits, which are what enters its final softmax or sigmoid,
 * or the output itself; and on what ground.
 *
 * <p>Between the softmax and the output may lie what rearranges, joins or keeps the order of each
 * element; the logits are then rearranged alike, so that unit i of the output is unit i of the
 * logits. For 1 - p, the logits are minus those of p.
 */
public final class Logits {
  private final Network network;
  private final KerasTensor tensor;
  private final KerasTensor output;
  private final Ending ending;
  private final List<Layer> layers;
  private final String ground;
  private final boolean isPlain;

  Logits(
      Network network,
      KerasTensor tensor,
      KerasTensor output,
      Ending ending,
      List<Layer> layers,
      String ground,
      boolean isPlain) {
    layers = List.copyOf(layers);
    this.network = network;
    this.tensor = tensor;
    this.output = output;
    this.ending = ending;
    this.layers = layers;
    this.ground = ground;
    this.isPlain = isPlain;
  }

  /** {@return the network with the operators that rearrange the logits, where there are any} */
  public Network network() {
    return network;
  }

  /** {@return what is explained, the batch first and at least one axis more} */
  public KerasTensor tensor() {
    return tensor;
  }

  /** {@return the output, arranged as what is explained} */
  public KerasTensor output() {
    return output;
  }

  /** {@return what the numbers of the output are} */
  public Ending ending() {
    return ending;
  }

  /**
   * {@return the layers that the logits come from, the first of them first; that which gives the
   * output where there are none}
   */
  public List<Layer> layers() {
    return layers;
  }

  /** {@return where the logits lie, or why there are none} */
  public String ground() {
    return ground;
  }

  /**
   * {@return whether the output is a softmax or sigmoid itself, or surely neither: there is nothing
   * to tell}
   */
  public boolean isPlain() {
    return isPlain;
  }

  /** What the numbers of an output are. */
  public enum Ending {
    /** Probabilities of a softmax. */
    SOFTMAX,
    /** Probabilities of sigmoids, each of its own. */
    SIGMOID,
    /** Probabilities of several softmaxes, or of softmaxes and sigmoids, joined. */
    SEVERAL,
    /** Logarithms of probabilities. */
    LOGARITHM,
    /** Made of a softmax or sigmoid, but not between 0 and 1. */
    SCALED,
    /** Likely probabilities, of which no logits were found. */
    UNKNOWN,
    /** Scores of a layer with weights, which nothing bounds. */
    SCORE,
    /** Other numbers, of which nothing is known. */
    OTHER
  }

  /**
   * {@return the logits of an output, or the output itself where it has none}
   *
   * @param network the network
   * @param output the position of the output
   */
  public static Logits of(Network network, int output) {
    return new LogitsSearch(network, output).logits();
  }

  /**
   * {@return an output itself, whether it has logits or not}
   *
   * @param network the network
   * @param output the position of the output
   */
  public static Logits ofOutput(Network network, int output) {
    return new LogitsSearch(network, output).itself();
  }

  /**
   * {@return this, of an output that has one row for each image}
   *
   * @throws UnsupportedModelException if it has several, or none
   */
  public Logits ofImages() {
    int rows = tensor.shape().size(0);
    if (rows == Shape.BATCH) {
      return this;
    }
    throw new UnsupportedModelException(
        rows < 0
            ? "The output %s has %d rows for each image, and which of them are an image's is not known."
                .formatted(output.shape(), -rows)
            : "The output %s does not depend on how many images there are; it cannot be explained image by image."
                .formatted(output.shape()));
  }

  /** {@return whether logits were found, and they are explained} */
  public boolean isFound() {
    return !tensor.equals(output);
  }

  /** {@return whether the output is probabilities between 0 and 1} */
  public boolean endsInProbabilities() {
    return ending == Ending.SOFTMAX || ending == Ending.SIGMOID || ending == Ending.SEVERAL;
  }

  /**
   * {@return whether the highest units are those of the highest output: logits of several softmaxes
   * cannot be compared with each other}
   */
  public boolean isRankedByOutput() {
    return ending == Ending.SEVERAL && isFound();
  }

  /** {@return what is to be said where the choice was no matter of course, in one line} */
  public Optional<String> note() {
    return isPlain
        ? Optional.empty()
        : Optional.of((isFound() ? "the logits are explained: " : "explained is ") + ground);
  }

  /**
   * {@return one unit taken as two classes: class 0, the absence of the unit, is explained by minus
   * its logit, and class 1 by the logit}
   *
   * @param unitAxis the axis of the units, as Keras shows it; negative counts from the end
   * @throws IllegalArgumentException if there are several units, or the unit is a softmax of one
   */
  public Logits asTwoClasses(int unitAxis) {
    return TwoClasses.of(this, unitAxis);
  }

  /** {@return what is explained, and where it lies} */
  @Override
  public String toString() {
    return ground + " " + tensor.shape();
  }
}
