package dev.keralens.keras.hub.part;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.Activations;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.CallArguments;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A call of a layer of KerasHub that holds layers. */
public final class Block {
  private final LayerCall layer;
  private final Map<String, JsonNode> layers = new LinkedHashMap<>();

  Block(LayerCall layer, List<WeightPart> parts) {
    this.layer = layer;
    for (WeightPart part : parts) {
      if (part instanceof SubLayer inner) {
        layers.put(inner.attribute(), inner.layer());
      }
    }
  }

  /** {@return the call itself} */
  public LayerCall layer() {
    return layer;
  }

  public GraphBuilder graph() {
    return layer.graph();
  }

  public KerasTensor input() {
    return layer.input();
  }

  /** {@return another argument of the call} */
  public KerasTensor argument(int position, String name) {
    KerasTensor given = layer.argument(position, name);
    if (given == null) {
      throw layer.invalid("it is called without %s.".formatted(name));
    }
    return given;
  }

  /** {@return whether it holds a layer under an attribute} */
  public boolean has(String attribute) {
    return layers.containsKey(attribute);
  }

  /** {@return how many members a list of layers has} */
  public int count(String list) {
    return (int) layers.keySet().stream().filter(name -> name.startsWith(list + "/")).count();
  }

  /** {@return what the layer under an attribute gives} */
  public KerasTensor call(String attribute, KerasTensor... inputs) {
    return several(attribute, inputs).get(0);
  }

  /** {@return what the layer under an attribute gives, called with named arguments too} */
  public KerasTensor call(String attribute, Map<String, KerasTensor> named, KerasTensor... inputs) {
    JsonNode envelope = Objects.requireNonNull(layers.get(attribute), attribute);
    List<Argument> arguments = Stream.of(inputs).<Argument>map(Argument.Single::new).toList();
    Map<String, Argument> others = new LinkedHashMap<>();
    named.forEach((name, tensor) -> others.put(name, new Argument.Single(tensor)));
    return layer.call(attribute, envelope, new CallArguments(arguments, others)).get(0);
  }

  /** {@return all that the layer under an attribute gives} */
  public List<KerasTensor> several(String attribute, KerasTensor... inputs) {
    JsonNode envelope = Objects.requireNonNull(layers.get(attribute), attribute);
    List<Argument> arguments = Stream.of(inputs).<Argument>map(Argument.Single::new).toList();
    return layer.call(attribute, envelope, new CallArguments(arguments, Map.of()));
  }

  /** {@return what the layer under an attribute gives where it holds one, else x} */
  public KerasTensor callIf(String attribute, KerasTensor x) {
    return has(attribute) ? call(attribute, x) : x;
  }

  /** {@return what layers give, one after another} */
  public KerasTensor chain(KerasTensor x, String... attributes) {
    KerasTensor out = x;
    for (String attribute : attributes) {
      out = call(attribute, out);
    }
    return out;
  }

  /** {@return the mean over height and width, which keep axes of size 1} */
  public KerasTensor mean(KerasTensor image) {
    Value x = layer.channelsFirst(image);
    return new KerasTensor(graph().reduceMean(x, true, 2, 3), Layout.CHANNELS_MOVED);
  }

  /** {@return what a list of layers gives, one after another} */
  public KerasTensor list(String list, KerasTensor x) {
    KerasTensor out = x;
    for (int i = 0; i < count(list); i++) {
      out = call(list + "/" + i, out);
    }
    return out;
  }

  /** {@return all rows of the embedding under an attribute} */
  public Value table(String attribute, int rows, int width) {
    return inner(attribute).weight("embeddings", rows, width).value();
  }

  /** {@return the layer under an attribute, whose weights this one reads itself} */
  public LayerCall inner(String attribute) {
    return layer.inner(attribute, Objects.requireNonNull(layers.get(attribute), attribute));
  }

  /** {@return a weight of the layer's own, which has a shape} */
  public Value weight(String name, int... shape) {
    return layer.weight(name, shape).value();
  }

  /** {@return an activation of x} */
  public KerasTensor activate(String activation, KerasTensor x) {
    return Objects.requireNonNull(Activations.BY_NAME.get(activation), activation).apply(layer, x);
  }

  /** {@return gelu of x, by tanh: the form that {@code keras.ops.gelu} has by default} */
  public KerasTensor approximateGelu(KerasTensor x) {
    Attributes tanh = Attributes.NONE.with("approximate", "tanh");
    return LayerCall.like(x, graph().node(Op.GELU, tanh, x.value()));
  }

  /** {@return the value in Keras' order of axes} */
  public Value plain(KerasTensor x) {
    return layer.plain(x);
  }

  /** {@return the sum, with the layout of the first where both have it} */
  public KerasTensor add(KerasTensor a, KerasTensor b) {
    return a.layout() == b.layout()
        ? LayerCall.like(a, graph().add(a.value(), b.value()))
        : KerasTensor.plain(graph().add(plain(a), plain(b)));
  }

  /** {@return the product, with the layout of the first where both have it} */
  public KerasTensor multiply(KerasTensor a, KerasTensor b) {
    return a.layout() == b.layout()
        ? LayerCall.like(a, graph().mul(a.value(), b.value()))
        : KerasTensor.plain(graph().mul(plain(a), plain(b)));
  }

  /** {@return tensors joined along an axis, as Keras counts axes} */
  public KerasTensor concat(int axis, KerasTensor... tensors) {
    List<Value> values = new ArrayList<>();
    for (KerasTensor tensor : tensors) {
      values.add(plain(tensor));
    }
    return KerasTensor.plain(graph().concat(axis, values));
  }

  /** {@return x with other sizes behind the batch's axis} */
  public Value reshape(Value x, int... sizes) {
    int[] all = new int[sizes.length + 1];
    all[0] = x.shape().size(0);
    System.arraycopy(sizes, 0, all, 1, sizes.length);
    return graph().reshape(x, Shape.of(all));
  }

  /** {@return (batch, height, width, channels) as (batch, places, channels)} */
  public KerasTensor flat(KerasTensor image) {
    Value x = plain(image);
    Shape shape = x.shape();
    return KerasTensor.plain(
        reshape(x, Math.multiplyExact(shape.size(1), shape.size(2)), shape.size(3)));
  }

  /** {@return (batch, places, channels) as (batch, height, width, channels)} */
  public KerasTensor image(KerasTensor tokens, int height, int width) {
    Value x = plain(tokens);
    return KerasTensor.plain(reshape(x, height, width, x.shape().size(2)));
  }

  /**
   * {@return a constant for each row of the batch: (1, ..) as (batch, ..)}
   *
   * @param like a value that has the batch; a number of each of its rows is compared with itself,
   *     which gives a truth for each row
   */
  public Value forEachRow(Value constant, Value like) {
    int rank = like.rank();
    int[] axes = IntStream.range(1, rank).toArray();
    int[] ones = IntStream.range(1, rank).map(i -> 1).toArray();
    Value first = graph().slice(like, axes, new int[rank - 1], ones);
    int[] sizes = new int[constant.rank()];
    Arrays.fill(sizes, 1);
    sizes[0] = like.shape().size(0);
    Value row = graph().reshape(first, Shape.of(sizes));
    return graph().where(graph().node(Op.EQUAL, row, row), constant, constant);
  }

  /** {@return softmax along the last axis} */
  public Value softmax(Value x) {
    return graph().node(Op.SOFTMAX, Attributes.of("axis", x.rank() - 1), x);
  }

  /** {@return x at given places of an axis} */
  public Value gather(Value x, int axis, int... places) {
    return graph().node(Op.GATHER, Attributes.of("axis", axis), x, graph().ints(places));
  }

  /** {@return a part of an axis} */
  public Value slice(Value x, int axis, int start, int end) {
    return graph().slice(x, new int[] {axis}, new int[] {start}, new int[] {end});
  }
}
