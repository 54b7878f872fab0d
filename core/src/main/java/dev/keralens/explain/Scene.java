package dev.keralens.explain;

import dev.keralens.grad.Differentiator;
import dev.keralens.grad.RuleOverride;
import dev.keralens.grad.UnitRows;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.attention.AttentionWeights;
import dev.keralens.inspect.attention.PatchGrid;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.Channels;
import dev.keralens.network.search.Dependencies;
import dev.keralens.network.search.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The graph that a {@link Formula} adds to: the network, the units that are explained of it, and
 * the gradients of these.
 */
public final class Scene {
  private final GraphBuilder builder;
  private final Setting setting;
  private final Target target;
  private final Map<RuleOverride, Map<Value, Value>> all;
  private final Map<Value, Value> gradients;
  private final Map<Object, Object> known;

  /**
   * A scene for a formula.
   *
   * @param all the gradients by the rules that they were made with
   * @param rules the formula's own
   * @param known what was made once for the graph
   */
  Scene(
      GraphBuilder builder,
      Setting setting,
      Target target,
      Map<RuleOverride, Map<Value, Value>> all,
      RuleOverride rules,
      Map<Object, Object> known) {
    this(builder, setting, target, all, all.getOrDefault(rules, Map.of()), known);
  }

  private Scene(
      GraphBuilder builder,
      Setting setting,
      Target target,
      Map<RuleOverride, Map<Value, Value>> all,
      Map<Value, Value> gradients,
      Map<Object, Object> known) {
    this.builder = builder;
    this.setting = setting;
    this.target = target;
    this.all = all;
    this.gradients = gradients;
    this.known = known;
  }

  /**
   * {@return the scene as a formula sees it that the method is made of}
   *
   * @param part one of {@link Formula#parts}
   */
  public Scene of(Formula part) {
    return new Scene(builder, setting, target, all, part.override(this), known);
  }

  /**
   * {@return the scenes of the layers that the method explains, the first of which is this one; one
   * for each layer that is named where the method is {@linkplain Info#ofSeveralLayers of several
   * layers}. They differ in the activation, and share the network, the units and the gradients}
   */
  public List<Scene> layers() {
    List<Scene> scenes = new ArrayList<>(List.of(this));
    for (Setting other : setting.others()) {
      scenes.add(new Scene(builder, other, target, all, gradients, known));
    }
    return scenes;
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
    if (rank < 3 || input.layout() != Layout.PLAIN) {
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
   * {@return what is made once for the graph, however often it is asked for}
   *
   * @param key what it is known by
   * @param type its class
   * @param <T> its class
   * @param make makes it
   */
  public <T> T once(Object key, Class<T> type, Supplier<T> make) {
    Object made = known.get(key);
    if (made == null) {
      made = make.get();
      known.put(key, made);
    }
    return type.cast(made);
  }

  /** {@return the position of the explained input} */
  public int inputIndex() {
    return setting.input();
  }

  /**
   * {@return the attention of the network}
   *
   * @param method what asks, for the message
   * @throws UnsupportedModelException if there is none that can be followed
   */
  public AttentionWeights attention(String method) {
    return once(
        AttentionWeights.class,
        AttentionWeights.class,
        () -> AttentionWeights.of(network(), target(), method));
  }

  /**
   * {@return how tokens lie over the input, as was asked for or as its patches do; empty where they
   * are in a row}
   *
   * @param attention the attention of the tokens
   */
  public List<Integer> grid(AttentionWeights attention) {
    return grid(setting, attention);
  }

  static List<Integer> grid(Setting setting, AttentionWeights attention) {
    List<Integer> size = setting.size();
    if (size == null && setting.tokens().isEmpty()) {
      PatchGrid own = attention.grid(setting.network(), input(setting));
      return own.before() + own.places() == attention.tokens() ? own.sizes() : List.of();
    }
    KerasTensor input = input(setting);
    List<Integer> grid =
        attention
            .grid(setting.network(), input)
            .checked(setting.tokens(), attention.products().get(0), attention.tokens());
    if (size != null && size.size() > 1 && grid.isEmpty()) {
      throw new UnsupportedModelException(
          "How the %d tokens of '%s' lie over the input '%s' %s was not found; say it (tokens, as height x width), or leave maps as they are (resize none)."
              .formatted(
                  attention.tokens(),
                  attention.products().get(0).name(),
                  input.value().name(),
                  input.shape()));
    }
    return grid;
  }

  private static KerasTensor input(Setting setting) {
    return setting.network().inputs().get(setting.input());
  }

  /**
   * {@return tokens, (rows, channels, tokens), over the input: (rows, channels, grid...)}
   *
   * @param b the graph
   * @param tokens the tokens; those before them are left out
   * @param grid how they lie; empty where they are in a row
   */
  public static Value laid(GraphBuilder b, Value tokens, List<Integer> grid) {
    return Tokens.lay(b, tokens, grid);
  }

  /** {@return the explained input as it is given} */
  public KerasTensor givenInput() {
    return setting.network().inputs().get(setting.input());
  }

  /** {@return whether {@link #input} is the given one with its axes in another order} */
  public boolean isReordered() {
    return input().layout() == Layout.CHANNELS_MOVED && givenInput().layout() == Layout.PLAIN;
  }

  /**
   * {@return a gradient of {@link #input} with the axes of the input as it is given: those of an
   * embedding's vectors where the input holds their indices}
   *
   * @param gradient (k * batch, axes...)
   */
  public Value asGiven(Value gradient) {
    KerasTensor input = input();
    KerasTensor given = setting.network().inputs().get(setting.input());
    boolean moved = input.layout() == Layout.CHANNELS_MOVED && given.layout() == Layout.PLAIN;
    return moved ? Channels.back(builder, gradient, Layout.PLAIN) : gradient;
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
    if (gradient == null && Dependencies.of(network(), target()).contains(value)) {
      throw new UnsupportedModelException(
          "No gradient of the explained output reaches '%s': what lies between, such as rounding, a"
                  .formatted(value.name())
              + " comparison or whole numbers, has none. Name a layer behind it.");
    }
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

  /**
   * {@return the gradient of each unit of a copy of the target with respect to a value, as {@link
   * #gradient} has that of the target}
   *
   * @param copy what the target becomes elsewhere in the graph
   * @param value a value that it depends on
   */
  public Value gradientOf(Value copy, Value value) {
    Value gradient =
        Differentiator.of(builder)
            .repeats(units())
            .gradients(Map.of(copy, target.seed()), List.of(value))
            .get(value);
    if (gradient == null) {
      throw new UnsupportedModelException(
          "The explained output does not depend on '%s'.".formatted(value.name()));
    }
    return gradient;
  }

  /** {@return what is explained: the logits, or another output} */
  public KerasTensor target() {
    return setting.target();
  }

  /**
   * Brings a tensor to channels first. Of (batch, features), each feature is a place with one
   * channel; so is each place of a picture without a channel axis; tokens lie over the input as the
   * setting says.
   *
   * @param tensor a tensor of this graph
   * @param value it, or its gradient
   * @return the value with its channels on axis 1
   */
  public Value channelsFirst(KerasTensor tensor, Value value) {
    Value first = Channels.first(builder, value, tensor.layout());
    return value.rank() > 2 && tensor.equals(setting.activation()) ? overInput(first) : first;
  }

  /**
   * {@return a value (rows, channels, tokens) as (rows, channels, places of the input...), as the
   * setting says; another one as it is}
   *
   * @param value a value with its channels first
   */
  public Value overInput(Value value) {
    return Tokens.lay(builder, value, setting.tokens());
  }

  /**
   * Sums activations over their channels, weighted for each unit.
   *
   * @param weights float (k * batch, channels), or (k * batch, channels, steps...) where each step
   *     has its own
   * @param activations float (batch, channels, steps..., spatial axes...)
   * @return float (k * batch, steps..., spatial axes...)
   */
  public Value weightedSum(Value weights, Value activations) {
    Shape shape = activations.shape();
    int batch = shape.size(0);
    int channels = shape.size(1);
    int[] spatial = Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
    int area = IntStream.of(spatial).reduce(1, Math::multiplyExact);
    int steps = Arrays.stream(weights.shape().sizes()).skip(2).reduce(1, Math::multiplyExact);
    if (steps > 1) {
      return weightedSteps(weights, activations, steps);
    }
    Value rows = builder.reshape(weights, Shape.of(batch, units(), channels));
    Value columns = builder.reshape(activations, Shape.of(batch, channels, area));
    int[] sizes = new int[spatial.length + 1];
    sizes[0] = batch * units();
    System.arraycopy(spatial, 0, sizes, 1, spatial.length);
    return builder.reshape(builder.matMul(rows, columns), Shape.of(sizes));
  }

  private Value weightedSteps(Value weights, Value activations, int steps) {
    Shape shape = activations.shape();
    int batch = shape.size(0);
    int channels = shape.size(1);
    int[] places = Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
    int area = IntStream.of(places).reduce(1, Math::multiplyExact) / steps;
    Value rows = builder.reshape(weights, Shape.of(batch, units(), channels, steps));
    Value columns = builder.reshape(activations, Shape.of(batch, channels, steps, area));
    Value sums =
        builder.matMul(builder.transpose(rows, 0, 3, 1, 2), builder.transpose(columns, 0, 2, 1, 3));
    int[] sizes = new int[places.length + 1];
    sizes[0] = batch * units();
    System.arraycopy(places, 0, sizes, 1, places.length);
    return builder.reshape(builder.transpose(sums, 0, 2, 1, 3), Shape.of(sizes));
  }
}
