package dev.keralens.explain;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.util.List;
import java.util.function.Supplier;

/**
 * The graph that a {@link Formula} adds to: the network, the units that are explained of it, and
 * the gradients of these.
 *
 * <p>It is given to methods; a later version may have more in it.
 */
public interface Scene {
  /**
   * {@return the scene as a formula sees it that the method is made of}
   *
   * @param part one of {@link Formula#parts}
   */
  Scene of(Formula part);

  /**
   * {@return the scenes of the layers that the method explains, the first of which is this one; one
   * for each layer that is named where the method is {@linkplain Info#ofSeveralLayers of several
   * layers}. They differ in the activation, and share the network, the units and the gradients}
   */
  List<Scene> layers();

  /** {@return the builder of the graph} */
  GraphBuilder builder();

  /** {@return the network} */
  Network network();

  /** {@return how many units are explained of each image} */
  int units();

  /** {@return the target's value for each unit: float (batch, k)} */
  Value scores();

  /**
   * {@return the explained activation}
   *
   * @throws UnsupportedModelException if the network has none
   */
  KerasTensor activation();

  /**
   * {@return the input that is explained, channels first where it has them: what the network makes
   * of it first, where that is a reordering of axes only. Of whole numbers that an embedding turns
   * into vectors, it is these: (batch, places, channels)}
   *
   * @throws UnsupportedModelException if the input takes whole numbers that no embedding reads
   */
  KerasTensor input();

  /**
   * {@return what is made once for the graph, however often it is asked for}
   *
   * @param key what it is known by
   * @param type its class
   * @param <T> its class
   * @param make makes it
   */
  <T> T once(Object key, Class<T> type, Supplier<T> make);

  /** {@return the position of the explained input} */
  int inputIndex();

  /**
   * {@return the attention of the network}
   *
   * @param method what asks, for the message
   * @throws UnsupportedModelException if there is none that can be followed
   */
  AttentionWeights attention(String method);

  /**
   * {@return how tokens lie over the input, as was asked for or as its patches do; empty where they
   * are in a row}
   *
   * @param attention the attention of the tokens
   */
  List<Integer> grid(AttentionWeights attention);

  /** {@return the explained input as it is given} */
  KerasTensor givenInput();

  /** {@return whether {@link #input} is the given one with its axes in another order} */
  boolean isReordered();

  /**
   * {@return a gradient of {@link #input} with the axes of the input as it is given: those of an
   * embedding's vectors where the input holds their indices}
   *
   * @param gradient (k * batch, axes...)
   */
  Value asGiven(Value gradient);

  /**
   * {@return the gradient of each unit with respect to a value: (k * batch, ...), the units of an
   * image one after another}
   *
   * @param value a value that the method asked for
   * @throws UnsupportedModelException if the units do not depend on it
   */
  Value gradient(Value value);

  /**
   * {@return gradients times a value of the forward pass, broadcast and repeated for each unit}
   *
   * @param gradient (k * batch, ...)
   * @param factor (batch, ...), or a constant
   */
  Value times(Value gradient, Value factor);

  /**
   * {@return the gradient of each unit of a copy of the target with respect to a value, as {@link
   * #gradient} has that of the target}
   *
   * @param copy what the target becomes elsewhere in the graph
   * @param value a value that it depends on
   */
  Value gradientOf(Value copy, Value value);

  /** {@return what is explained: the logits, or another output} */
  KerasTensor target();

  /**
   * Brings a tensor to channels first. Of (batch, features), each feature is a place with one
   * channel; so is each place of a picture without a channel axis; tokens lie over the input as the
   * setting says.
   *
   * @param tensor a tensor of this graph
   * @param value it, or its gradient
   * @return the value with its channels on axis 1
   */
  Value channelsFirst(KerasTensor tensor, Value value);

  /**
   * {@return a value (rows, channels, tokens) as (rows, channels, places of the input...), as the
   * setting says; another one as it is}
   *
   * @param value a value with its channels first
   */
  Value overInput(Value value);

  /**
   * Sums activations over their channels, weighted for each unit.
   *
   * @param weights float (k * batch, channels), or (k * batch, channels, steps...) where each step
   *     has its own
   * @param activations float (batch, channels, steps..., spatial axes...)
   * @return float (k * batch, steps..., spatial axes...)
   */
  Value weightedSum(Value weights, Value activations);
}
