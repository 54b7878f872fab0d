package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionBlocks;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.network.KerasTensor;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * The questions that an {@link Ensemble} may ask of a network, at one size of its inputs. What it
 * compiles here is freed with the method's routine.
 *
 * <p>It is given to methods; a later version may have more in it.
 */
public interface Probes {
  /** {@return how many units are explained of each image} */
  int units();

  /** {@return the position of the explained input} */
  int inputIndex();

  /** {@return the explained input} */
  KerasTensor input();

  /** {@return how many inputs the network has} */
  int inputs();

  /** {@return whether units are given for each place of an output that is a map} */
  boolean byPlace();

  /**
   * Requires an input that may be changed a little.
   *
   * @param change what the method does to it, such as "SmoothGrad adds noise to"
   * @throws UnsupportedModelException if it holds whole numbers that stand for words or the like
   */
  void requireReal(String change);

  /** {@return whether the input holds whole numbers that stand for words or the like} */
  boolean isOfWords();

  /**
   * {@return whether each place of the input stands by itself: the words of a text, the columns of
   * a table}
   */
  boolean isInColumns();

  /** {@return the builder of the graph that is run on the images as they are} */
  GraphBuilder builder();

  /**
   * {@return the explained activation with its channels first, (batch, channels, places...), tokens
   * laid over the input as was asked for; a value of {@link #builder}}
   *
   * @throws UnsupportedModelException if the network has none
   */
  Value activation();

  /** {@return the explained activation as the network has it, with its name} */
  KerasTensor activationTensor();

  /** {@return the scores of all units, (batch, units); a value of {@link #builder}} */
  Value scoresOfAllUnits();

  /**
   * {@return the attention of the network; values of {@link #builder}}
   *
   * @param method what asks, for the message
   * @throws UnsupportedModelException if there is none that can be followed
   */
  AttentionWeights attention(String method);

  /**
   * {@return the blocks of the network around its attention; values of {@link #builder}}
   *
   * @param attention the attention
   */
  AttentionBlocks blocks(AttentionWeights attention);

  /**
   * {@return how tokens lie over the input, as was asked for or as its patches do; empty where they
   * are in a row}
   *
   * @param attention the attention of the tokens
   */
  List<Integer> grid(AttentionWeights attention);

  /**
   * Has a value computed of the images as they are, together with their scores.
   *
   * @param value a value of {@link #builder}
   * @return its position in {@link Batch#observed}
   */
  int observe(Value value);

  /**
   * {@return a probe that gives the scores and the maps of another method, neither filtered nor
   * resized}
   *
   * @param method the method
   */
  Probe maps(Method method);

  /**
   * {@return a probe as {@link #maps(Method)} that is asked of another number of units}
   *
   * @param method the method
   * @param count how many units it is asked of for each image
   */
  Probe maps(Method method, int count);

  /**
   * {@return a probe as {@link #maps} that takes the explained input at another size}
   *
   * @param method the method
   * @param places the size of each spatial axis of the input
   * @param purpose what needs it, for the message
   * @throws UnsupportedModelException if the model does not take its input at this size
   */
  Probe mapsAt(Method method, int[] places, String purpose);

  /** How one image becomes many. */
  @FunctionalInterface
  interface Change {
    /**
     * Adds operators to a graph.
     *
     * @param b the graph
     * @param image the explained input of one image: (1, axes...)
     * @param given what is given for each pass: float (passes, sizes...)
     * @return the changed input: (passes, axes...)
     */
    Value apply(GraphBuilder b, Value image, Value given);
  }

  /**
   * {@return a probe of the scores of one image, changed in the graph. It is asked with the inputs
   * of one image and, after them, what is given for each pass; the units are int64 (k); its answer
   * has a row for each pass}
   *
   * @param sizes the shape of what is given for a pass
   * @param change how the image is changed
   */
  Probe changed(int[] sizes, Change change);

  /**
   * {@return masks (passes, places...) as they are multiplied with the explained input: with its
   * axis of channels, where it has one}
   *
   * @param b the graph
   * @param masks the masks, of the input's places
   */
  Value overChannels(GraphBuilder b, Value masks);

  /** A graph of a method's own that is compiled. It is closed with what it was asked of. */
  @FunctionalInterface
  interface Compiled {
    /**
     * {@return what it gives out, in its order}
     *
     * @param inputs one tensor per input, in its order; the batch may have any size from one
     */
    List<Tensor> run(List<Tensor> inputs);
  }

  /**
   * {@return a graph of the method's own, compiled}
   *
   * @param b the graph
   * @param outputs what it gives out
   */
  Compiled compile(GraphBuilder b, List<Value> outputs);

  /**
   * {@return a probe of the scores of given units, without maps. It is the graph that says what the
   * network says of the images as they are, so that it costs nothing to have it}
   */
  Probe scores();

  /**
   * {@return a probe of the scores that follow where an activation of one image is changed; the
   * network is run from there on. What goes around the activation, as a residual does, is computed
   * of the image as it is. Its inputs are those of the image, the activation as {@link #observe}
   * gives it, one row of each, and the passes}
   *
   * @param activation the activation
   * @param sizes the size of each axis of what says how a pass changes it, without the passes
   * @param change how
   * @throws UnsupportedModelException if the explained output does not depend on it
   */
  Probe behind(KerasTensor activation, int[] sizes, Change change);

  /**
   * A probe of the scores without some of an activation's channels.
   *
   * @param probe takes what {@link #behind} takes; the passes are (rows, channels), 1 for what is
   *     left and 0 for what is left out
   * @param size how many numbers the largest value has that a pass computes
   */
  record ChannelProbe(Probe probe, long size) {}

  /**
   * {@return a probe of the scores without some channels of an activation. The network is run from
   * where its channels are mixed}
   *
   * @param activation the activation
   * @param axis its axis of channels, in the graph
   * @throws UnsupportedModelException if the explained output does not depend on it
   */
  ChannelProbe withoutChannels(KerasTensor activation, int axis);

  /** The scores of an image where a window is hidden, by what the window reaches alone. */
  interface Windows {
    /** {@return how many numbers stand for a window} */
    int length();

    /**
     * Writes the numbers that stand for a window.
     *
     * @param window which
     * @param out receives them
     * @param at the position of the first
     */
    void write(int window, float[] out, int at);

    /**
     * {@return a probe for a run over a batch. Its inputs are the image, its number in the batch
     * and the windows, as {@link #write} says them}
     */
    Probe begin();
  }

  /**
   * {@return the scores of windows, each computed where the window reaches; empty where the network
   * cannot be computed in parts, or full passes are faster}
   *
   * @param baseline what is hidden becomes
   * @param sizes the size of a window, for each axis of the input's places
   * @param strides how far windows lie apart
   * @param counts how many there are along each axis
   * @param always whether they are computed so even where full passes are faster
   */
  Optional<Windows> windows(
      Baseline baseline, int[] sizes, int[] strides, int[] counts, boolean always);

  /** How well what a detector finds agrees with the box that is explained. */
  interface Detections {
    /** {@return the box that is explained of each image: float (batch, 4), its corners} */
    Value box();

    /** {@return the lowest and the highest score of all boxes: float (batch, 2)} */
    Value range();

    /**
     * Requires that all scores are probabilities.
     *
     * @param range what {@link #range} gave
     * @throws UnsupportedModelException if one lies outside 0..1
     */
    void requireProbabilities(Tensor range);

    /**
     * {@return a probe of the agreement of changed images: the highest over the boxes of overlap
     * times similarity of the classes times the score of an object. Its inputs are those of the
     * image, its box and the passes}
     *
     * @param sizes the size of each axis of what says how a pass changes the input
     * @param change how
     */
    Probe agreement(int[] sizes, Change change);
  }

  /**
   * {@return the boxes of a detector, for D-RISE (Petsiuk et al., 2021, equation 2)}
   *
   * @throws UnsupportedModelException if no box is explained, or its scores are no probabilities
   */
  Detections detections();
}
