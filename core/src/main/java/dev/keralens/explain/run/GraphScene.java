package dev.keralens.explain.run;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Scene;
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

/** A graph that formulas add to, before it is compiled. */
final class GraphScene implements Scene {
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
  GraphScene(
      GraphBuilder builder,
      Setting setting,
      Target target,
      Map<RuleOverride, Map<Value, Value>> all,
      RuleOverride rules,
      Map<Object, Object> known) {
    this(builder, setting, target, all, all.getOrDefault(rules, Map.of()), known);
  }

  private GraphScene(
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

  @Override
  public Scene of(Formula part) {
    return new GraphScene(builder, setting, target, all, part.override(this), known);
  }

  @Override
  public List<Scene> layers() {
    List<Scene> scenes = new ArrayList<>(List.of(this));
    for (Setting other : setting.others()) {
      scenes.add(new GraphScene(builder, other, target, all, gradients, known));
    }
    return scenes;
  }

  @Override
  public GraphBuilder builder() {
    return builder;
  }

  @Override
  public Network network() {
    return setting.network();
  }

  @Override
  public int units() {
    return setting.units();
  }

  @Override
  public Value scores() {
    return target.scores();
  }

  @Override
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

  @Override
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

  @Override
  public <T> T once(Object key, Class<T> type, Supplier<T> make) {
    Object made = known.get(key);
    if (made == null) {
      made = make.get();
      known.put(key, made);
    }
    return type.cast(made);
  }

  @Override
  public int inputIndex() {
    return setting.input();
  }

  @Override
  public AttentionWeights attention(String method) {
    return once(
        AttentionWeights.class,
        AttentionWeights.class,
        () -> AttentionWeights.of(network(), target(), method));
  }

  @Override
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

  @Override
  public KerasTensor givenInput() {
    return setting.network().inputs().get(setting.input());
  }

  @Override
  public boolean isReordered() {
    return input().layout() == Layout.CHANNELS_MOVED && givenInput().layout() == Layout.PLAIN;
  }

  @Override
  public Value asGiven(Value gradient) {
    KerasTensor input = input();
    KerasTensor given = setting.network().inputs().get(setting.input());
    boolean moved = input.layout() == Layout.CHANNELS_MOVED && given.layout() == Layout.PLAIN;
    return moved ? Channels.back(builder, gradient, Layout.PLAIN) : gradient;
  }

  @Override
  public Value gradient(Value value) {
    Value gradient = gradients.get(value);
    if (gradient == null) {
      boolean depends = Dependencies.of(network(), target()).contains(value);
      String message =
          depends
              ? "No gradient of the explained output reaches '%s': what lies between, such as rounding, a"
                  + " comparison or whole numbers, has none. Name a layer behind it."
              : "The explained output does not depend on '%s'; name a layer that lies before it.";
      throw new UnsupportedModelException(message.formatted(value.name()));
    }
    return gradient;
  }

  @Override
  public Value times(Value gradient, Value factor) {
    return UnitRows.times(builder, gradient, factor, units());
  }

  @Override
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

  @Override
  public KerasTensor target() {
    return setting.target();
  }

  @Override
  public Value channelsFirst(KerasTensor tensor, Value value) {
    Value first = Channels.first(builder, value, tensor.layout());
    return value.rank() > 2 && tensor.equals(setting.activation()) ? overInput(first) : first;
  }

  @Override
  public Value overInput(Value value) {
    return PatchGrid.laid(builder, value, setting.tokens());
  }

  @Override
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
