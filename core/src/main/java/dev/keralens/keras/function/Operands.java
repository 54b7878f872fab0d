package dev.keralens.keras.function;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.Argument.Entries;
import dev.keralens.keras.call.Argument.Items;
import dev.keralens.keras.call.Argument.Literal;
import dev.keralens.keras.call.Argument.Single;
import dev.keralens.keras.call.Axes;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a function of a library is called with: an operation of {@code keras.ops}, whose options are
 * partly arguments of its class, or a function of TensorFlow, all of whose arguments but the first
 * are named. An argument is looked up by its names, then by its position in the call.
 */
final class Operands {
  /** The position of an argument that is only ever named. */
  static final int NAMED = -1;

  private final LayerCall layer;

  Operands(LayerCall layer) {
    this.layer = layer;
  }

  LayerCall layer() {
    return layer;
  }

  GraphBuilder graph() {
    return layer.graph();
  }

  /** {@return an argument, or null where it is left out or None} */
  @Nullable Argument find(int position, String... names) {
    for (String name : names) {
      JsonNode own = layer.config().json().path(name);
      if (!own.isMissingNode() && !name.equals("name")) {
        return own.isNull() ? null : Argument.of(LayerConfig.unwrap(own));
      }
      Argument named = layer.arguments().get(NAMED, name);
      if (named != null) {
        return isNone(named) ? null : named;
      }
    }
    Argument found =
        position == 0 ? layer.arguments().first() : layer.arguments().get(position, "");
    return found == null || isNone(found) ? null : found;
  }

  private static boolean isNone(Argument argument) {
    return argument instanceof Literal literal && literal.json().isNull();
  }

  boolean has(int position, String... names) {
    return find(position, names) != null;
  }

  private Argument required(int position, String... names) {
    Argument argument = find(position, names);
    if (argument == null) {
      throw layer.invalid("%s is missing.".formatted(names[0]));
    }
    return argument;
  }

  int integer(int position, String... names) {
    int[] values = integers(position, names);
    if (values.length != 1) {
      throw layer.invalid("%s must be one whole number.".formatted(names[0]));
    }
    return values[0];
  }

  int integer(int otherwise, int position, String name) {
    return has(position, name) ? integer(position, name) : otherwise;
  }

  /** {@return whole numbers; a single one counts as a list of one} */
  int[] integers(int position, String... names) {
    List<Integer> values = new ArrayList<>();
    integers(required(position, names), names[0], values);
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  private void integers(Argument argument, String name, List<Integer> values) {
    if (argument instanceof Items list) {
      list.items().forEach(item -> integers(item, name, values));
      return;
    }
    if (argument instanceof Single single) {
      int[] known = layer.known(single.tensor());
      if (known != null) {
        Arrays.stream(known).forEach(values::add);
        return;
      }
    }
    if (argument instanceof Literal literal) {
      JsonNode json = LayerConfig.unwrap(literal.json());
      if (json.isArray()) {
        integers(Argument.of(json), name, values);
        return;
      }
      if (json.isNumber() && json.doubleValue() == json.intValue()) {
        values.add(json.intValue());
        return;
      }
    }
    throw layer.unsupported("%s must be whole numbers that are known.".formatted(name));
  }

  double number(double otherwise, int position, String... names) {
    Argument argument = find(position, names);
    if (argument == null) {
      return otherwise;
    }
    if (argument instanceof Literal literal && LayerConfig.unwrap(literal.json()).isNumber()) {
      return LayerConfig.unwrap(literal.json()).doubleValue();
    }
    throw layer.unsupported("%s must be a number.".formatted(names[0]));
  }

  boolean flag(boolean otherwise, int position, String... names) {
    Argument argument = find(position, names);
    return argument instanceof Literal literal ? literal.json().asBoolean(otherwise) : otherwise;
  }

  String text(String otherwise, int position, String... names) {
    Argument argument = find(position, names);
    return argument instanceof Literal literal && literal.json().isTextual()
        ? literal.json().textValue()
        : otherwise;
  }

  /** {@return axes as Keras counts them, from 0; all where the argument is left out} */
  int[] axes(int rank, int position, String... names) {
    if (!has(position, names)) {
      int[] all = new int[rank];
      Arrays.setAll(all, axis -> axis);
      return all;
    }
    return Arrays.stream(integers(position, names))
        .map(axis -> Axes.fromZero(axis, rank))
        .toArray();
  }

  /** {@return the tensor that the function is applied to} */
  KerasTensor x() {
    return tensor(0, "x", "inputs");
  }

  /** {@return a tensor; a number or array of the file becomes a constant} */
  KerasTensor tensor(int position, String... names) {
    return tensor(required(position, names), names[0]);
  }

  private KerasTensor tensor(Argument argument, String name) {
    if (argument instanceof Single single) {
      layer.refuseBatchSize(single.tensor());
      return single.tensor();
    }
    if (argument instanceof Items list && list.tensors().findAny().isPresent()) {
      throw layer.unsupported("%s is a list of tensors, expected one.".formatted(name));
    }
    return KerasTensor.plain(graph().constant(array(argument, name)));
  }

  /** {@return an array of floats that the file holds, or null where the argument is a tensor} */
  @Nullable Tensor literal(int position, String... names) {
    Argument argument = required(position, names);
    if (argument.tensors().findAny().isPresent()) {
      return null;
    }
    Tensor array = array(argument, names[0]);
    return Tensor.of(array.toFloatArray(), array.shape());
  }

  /** {@return a tensor that may be a shape, whose batch is not a number} */
  KerasTensor rawTensor(int position, String... names) {
    return required(position, names) instanceof Single single
        ? single.tensor()
        : tensor(position, names);
  }

  /** {@return the picture that the function is applied to, by {@code data_format}} */
  Image image() {
    KerasTensor x = tensor(0, "inputs", "images", "image", "input", "x", "value");
    if (x.value().rank() < 3) {
      throw layer.unsupported(
          "it takes an image (batch, height, width, channels), got %s.".formatted(x.shape()));
    }
    return text("channels_last", NAMED, "data_format").matches("channels_first|NC[DHW]+")
        ? new Image(layer.plain(x), Layout.CHANNELS_FIRST)
        : new Image(layer.channelsFirst(x), Layout.CHANNELS_MOVED);
  }

  /** {@return several tensors: the elements of a list} */
  List<KerasTensor> tensors(int position, String... names) {
    Argument argument = required(position, names);
    if (argument instanceof Items list) {
      return list.items().stream().map(item -> tensor(item, names[0])).toList();
    }
    return List.of(tensor(argument, names[0]));
  }

  /** {@return the elements and shape of an array of the file} */
  Tensor array(Argument argument, String name) {
    List<Double> values = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    boolean whole = read(argument, name, 0, sizes, values);
    int[] shape = sizes.stream().mapToInt(Integer::intValue).toArray();
    if (whole) {
      return Tensor.of(values.stream().mapToLong(Double::longValue).toArray(), shape);
    }
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return Tensor.of(floats, shape);
  }

  /** Says whether all numbers are whole ones. */
  private boolean read(
      Argument argument, String name, int depth, List<Integer> sizes, List<Double> values) {
    if (argument instanceof Items list) {
      if (depth == sizes.size()) {
        sizes.add(list.items().size());
      }
      boolean whole = true;
      for (Argument item : list.items()) {
        whole &= read(item, name, depth + 1, sizes, values);
      }
      return whole;
    }
    if (argument instanceof Literal literal) {
      JsonNode json = literal.json();
      JsonNode value = LayerConfig.unwrap(json);
      if (json.isObject() && !value.isObject()) {
        boolean whole = read(Argument.of(value), name, depth, sizes, values);
        return whole && json.path("config").path("dtype").asText("float32").contains("int");
      }
      if (json.isNumber()) {
        values.add(json.doubleValue());
        return json.isIntegralNumber();
      }
      if (json.isBoolean()) {
        values.add(json.booleanValue() ? 1.0 : 0.0);
        return true;
      }
    }
    throw layer.unsupported("%s is neither a tensor nor numbers.".formatted(name));
  }

  /** {@return a value of one of the types that graphs compute in} */
  Value floating(KerasTensor x) {
    return graph().cast(x.value(), ElementType.FLOAT32);
  }

  /** {@return the tensor with its value in Keras' order of axes} */
  Value plain(KerasTensor x) {
    return layer.plain(x);
  }

  /** {@return whether an argument holds slices, such as those of an index} */
  static boolean isSlice(Argument argument) {
    return (argument instanceof Entries entries && entries.entries().containsKey("start"))
        || (argument instanceof Literal literal
            && literal.json().path("class_name").asText().equals("__slice__"));
  }

  /** {@return a tensor like another} */
  static KerasTensor like(KerasTensor x, Value value) {
    return LayerCall.like(x, value);
  }

  /** {@return a value in a layout} */
  Value as(KerasTensor x, Layout layout) {
    return layout == Layout.CHANNELS_MOVED ? layer.channelsFirst(x) : layer.plain(x);
  }
}
