package dev.keralens;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model with one more input, the last: it is taken in the place of a value from inside. The other
 * inputs stay, for they may be read elsewhere, as where padding is told from words.
 */
final class VectorInput implements NetworkSource {
  private static final String NAME = "vectors";

  private final NetworkSource source;
  private final Function<Network, KerasTensor> replaced;

  /** Found by building the network once. */
  private volatile @Nullable List<InputSpec> specs;

  /**
   * Makes a model with one more input.
   *
   * @param source the model
   * @param replaced finds the value whose place the input takes, at each size of the inputs
   */
  public VectorInput(NetworkSource source, Function<Network, KerasTensor> replaced) {
    this.source = source;
    this.replaced = replaced;
  }

  @Override
  public Map<String, String> metadata() {
    return source.metadata();
  }

  @Override
  public List<String> outputNames() {
    return source.outputNames();
  }

  @Override
  public List<InputSpec> inputs() {
    List<InputSpec> known = specs;
    if (known == null) {
      known = specified();
      specs = known;
    }
    return known;
  }

  private List<InputSpec> specified() {
    List<InputSpec> inputs = new ArrayList<>(source.inputs());
    List<Shape> shapes = new ArrayList<>();
    boolean known = inputs.stream().allMatch(InputSpec::isFixed);
    if (known) {
      inputs.forEach(spec -> shapes.add(spec.shape()));
    }
    Value value = known ? replaced(source.network(shapes)) : null;
    inputs.add(
        value == null
            ? new InputSpec(NAME, ElementType.FLOAT32, Arrays.asList(null, null))
            : new InputSpec(
                NAME, value.type(), Arrays.stream(value.shape().sizes()).skip(1).boxed().toList()));
    return inputs;
  }

  private Value replaced(Network network) {
    return Objects.requireNonNull(replaced.apply(network)).value();
  }

  @Override
  public Network network(List<Shape> shapes) {
    Network network = source.network(shapes.subList(0, shapes.size() - 1));
    Value inside = replaced(network);
    Shape given = shapes.get(shapes.size() - 1);
    if (!Arrays.equals(inside.shape().sizes(), given.sizes())) {
      throw new IllegalArgumentException(
          "The vectors of these inputs are %s, got %s.".formatted(inside.shape(), given));
    }
    Graph graph = network.graph();
    GraphBuilder builder = new GraphBuilder();
    Map<Value, Value> feeds = new HashMap<>();
    List<KerasTensor> inputs = new ArrayList<>();
    for (KerasTensor input : network.inputs()) {
      Value value = input.value();
      Value copy = builder.input(value.name(), value.type(), value.shape());
      feeds.put(value, copy);
      inputs.add(new KerasTensor(copy, input.layout(), input.steps()));
    }
    Value vectors = builder.input(NAME, inside.type(), inside.shape());
    feeds.put(inside, vectors);
    inputs.add(KerasTensor.plain(vectors));
    Map<Value, Value> copies = builder.include(graph, feeds, graph.outputs());
    List<KerasTensor> outputs = new ArrayList<>();
    for (KerasTensor output : network.outputs()) {
      Value copy = Objects.requireNonNull(copies.get(output.value()));
      outputs.add(new KerasTensor(copy, output.layout(), output.steps()));
    }
    Graph built = builder.build(outputs.stream().map(KerasTensor::value).toList());
    return new Network(built, inputs, outputs, List.of());
  }
}
