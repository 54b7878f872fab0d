package dev.keralens.method;

import dev.keralens.grad.UnitRows;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Layout;
import dev.keralens.graph.Network;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Dependencies;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The graph that a {@link GraphMethod} adds to: the network, the units that are explained of it,
 * and the gradients of these.
 */
public final class Scene {
  private final GraphBuilder builder;
  private final Setting setting;
  private final Target target;
  private final Map<Value, Value> gradients;

  Scene(GraphBuilder builder, Setting setting, Target target, Map<Value, Value> gradients) {
    this.builder = builder;
    this.setting = setting;
    this.target = target;
    this.gradients = gradients;
  }

  /** {@return the builder of the graph} */
  public GraphBuilder builder() {
    return builder;
  }

  /** {@return the network} */
  public Network network() {
    return setting.network();
  }

  /** {@return how many units are explained of each image} */
  public int units() {
    return setting.units();
  }

  /** {@return the target's value for each unit: float (batch, k)} */
  public Value scores() {
    return target.scores();
  }

  /**
   * {@return the explained activation}
   *
   * @throws UnsupportedModelException if the network has none
   */
  public KerasTensor activation() {
    return activation(setting);
  }

  static KerasTensor activation(Setting setting) {
    KerasTensor activation = setting.activation();
    if (activation == null) {
      throw new UnsupportedModelException(
          "The model has no activation with spatial axes that its output depends on; name a layer"
              + " with one, or use a method that explains the input, such as gradients.");
    }
    return activation;
  }

  /**
   * {@return the input that is explained, channels first where it has them: what the network makes
   * of it first, where that is a reordering of axes only. Of whole numbers that an embedding turns
   * into vectors, it is these: (batch, places, channels)}
   *
   * @throws UnsupportedModelException if the input takes whole numbers that no embedding reads
   */
  public KerasTensor input() {
    KerasTensor given = setting.network().inputs().get(setting.input());
    KerasTensor input = Embedded.of(setting.network().graph(), given);
    int rank = input.value().rank();
    if (rank < 3) {
      return input;
    }
    int[] order = KerasTensor.channelsFirst(rank);
    Value moved = null;
    for (Node node : setting.network().graph().nodes()) {
      if (node.inputs().contains(input.value())) {
        boolean reorders =
            node.op() == Op.TRANSPOSE && Arrays.equals(node.attributes().getInts("perm"), order);
        if (!reorders || moved != null) {
          return input;
        }
        moved = node.output();
      }
    }
    return moved == null ? input : new KerasTensor(moved, Layout.CHANNELS_MOVED);
  }

  /**
   * {@return the gradient of each unit with respect to a value: (k * batch, ...), the units of an
   * image one after another}
   *
   * @param value a value that the method asked for
   * @throws UnsupportedModelException if the units do not depend on it
   */
  public Value gradient(Value value) {
    Value gradient = gradients.get(value);
    if (gradient == null) {
      boolean depends = Dependencies.of(network(), target()).contains(value);
      throw new UnsupportedModelException(
          depends
              ? "The explained output depends on '%s' by whole numbers or comparisons only, which have no gradient; name a layer that lies after them."
                  .formatted(value.name())
              : "The explained output does not depend on '%s'; name a layer that lies before it."
                  .formatted(value.name()));
    }
    return gradient;
  }

  /**
   * {@return gradients times a value of the forward pass, broadcast and repeated for each unit}
   *
   * @param gradient (k * batch, ...)
   * @param factor (batch, ...), or a constant
   */
  public Value times(Value gradient, Value factor) {
    return UnitRows.times(builder, gradient, factor, units());
  }

  /** {@return what is explained: the logits, or another output} */
  public KerasTensor target() {
    return setting.target();
  }

  /**
   * Brings a tensor to channels first. Of (batch, features), each feature is a place with one
   * channel; tokens lie over the input as the setting says.
   *
   * @param tensor a tensor of this graph
   * @param value it, or its gradient
   * @return the value with its channels on axis 1
   */
  public Value channelsFirst(KerasTensor tensor, Value value) {
    if (value.rank() < 3) {
      return builder.unsqueeze(value, 1);
    }
    Value first =
        tensor.layout().isChannelsFirst()
            ? value
            : builder.transpose(value, KerasTensor.channelsFirst(value.rank()));
    return tensor.equals(setting.activation()) ? overInput(first) : first;
  }

  /**
   * {@return a value (rows, channels, tokens) as (rows, channels, places of the input...), as the
   * setting says; another one as it is}
   *
   * @param value a value with its channels first
   */
  Value overInput(Value value) {
    return Tokens.lay(builder, value, setting.tokens());
  }

  /**
   * Sums activations over their channels, weighted for each unit.
   *
   * @param weights float (k * batch, channels)
   * @param activations float (batch, channels, spatial axes...)
   * @return float (k * batch, spatial axes...)
   */
  public Value weightedSum(Value weights, Value activations) {
    Shape shape = activations.shape();
    int batch = shape.size(0);
    int channels = shape.size(1);
    int[] spatial = Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
    int area = IntStream.of(spatial).reduce(1, Math::multiplyExact);
    Value rows = builder.reshape(weights, Shape.of(batch, units(), channels));
    Value columns = builder.reshape(activations, Shape.of(batch, channels, area));
    int[] sizes = new int[spatial.length + 1];
    sizes[0] = batch * units();
    System.arraycopy(spatial, 0, sizes, 1, spatial.length);
    return builder.reshape(builder.matMul(rows, columns), Shape.of(sizes));
  }
}
