package dev.keralens.keras;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One call of a layer: the layer's arguments and weights, what it is called with, and the graph to
 * add to. Values that are made here are named after the layer, {@code backbone/conv5/Conv}.
 */
public interface LayerContext {
  /** {@return the layer's name; inside nested models the path, such as {@code backbone/conv5}} */
  String name();

  /** {@return Keras' name of the layer's class} */
  String className();

  /** {@return the arguments that the layer was made with} */
  LayerConfig config();

  /** {@return the major version of the Keras that wrote the file: 2 or 3} */
  int kerasVersion();

  /** {@return the graph to add to} */
  GraphBuilder graph();

  /** {@return the tensors of the first argument of the call, in Keras' order} */
  List<KerasTensor> inputs();

  /**
   * {@return the one tensor that the layer is called with}
   *
   * @throws InvalidModelException if it is called with none or several
   */
  KerasTensor input();

  /**
   * {@return a tensor that the layer is called with beside the first argument, or null where it is
   * left out}
   *
   * @param position its position among the arguments of Keras' {@code call}, from 1
   * @param name its name in Keras' {@code call}
   */
  @Nullable KerasTensor argument(int position, String name);

  /**
   * {@return a weight of the layer}
   *
   * @param weight Keras' name of it, such as {@code kernel}
   * @throws InvalidModelException if the file does not have it
   */
  Weight weight(String weight);

  /**
   * {@return a weight of the layer whose shape is known from the layer's arguments and inputs}
   *
   * @param weight Keras' name of it, such as {@code kernel}
   * @param expected the shape that it must have
   * @throws IllegalArgumentException if the file has another shape
   */
  Weight weight(String weight, int... expected);

  /**
   * {@return a value in the order of axes that Keras shows}
   *
   * @param x a tensor
   */
  Value plain(KerasTensor x);

  /**
   * {@return a value whose channels are on axis 1}
   *
   * @param x a tensor whose last axis, as Keras shows it, holds the channels
   */
  Value channelsFirst(KerasTensor x);

  /** {@return whether the layer's {@code data_format} is {@code channels_first}} */
  boolean isChannelsFirst();

  /**
   * {@return x with the layer's own activation applied, if it has one}
   *
   * @param x what the layer computes before it
   */
  KerasTensor activate(KerasTensor x);

  /**
   * {@return an exception that says that the file is wrong here}
   *
   * @param problem what is wrong, expected against actual
   */
  InvalidModelException invalid(String problem);

  /**
   * {@return an exception that says that this cannot be done yet}
   *
   * @param problem what cannot be done, and how to go on
   */
  UnsupportedModelException unsupported(String problem);
}
