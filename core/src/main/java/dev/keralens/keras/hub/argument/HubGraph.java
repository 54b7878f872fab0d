package dev.keralens.keras.hub.argument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a model as a file of Keras 3 lists them, for models of several inputs and outputs:
 * each layer with its calls. Layers of one class are named in files in the order of this list.
 */
public final class HubGraph {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String KERAS = "keras.layers";

  private final ArrayNode layers = NODES.arrayNode();
  private final ObjectNode inputs = NODES.objectNode();
  private int items;

  /**
   * What a call of a layer gives.
   *
   * @param layer the layer's name
   * @param node which of its calls, from 0
   * @param index which of what the call gives
   */
  public record Ref(String layer, int node, int index) {
    JsonNode json() {
      ObjectNode tensor = NODES.objectNode().put("class_name", "__keras_tensor__");
      tensor.putObject("config").set("keras_history", history());
      return tensor;
    }

    ArrayNode history() {
      return NODES.arrayNode().add(layer).add(node).add(index);
    }

    /** {@return another of what the same call gives} */
    public Ref at(int other) {
      return new Ref(layer, node, other);
    }
  }

  /** A layer, which may be called several times. */
  public static final class Node {
    private final String name;
    private final ObjectNode config;
    private final ArrayNode calls;

    private Node(String name, ObjectNode config, ArrayNode calls) {
      this.name = name;
      this.config = config;
      this.calls = calls;
    }

    /** {@return this layer with an argument} */
    public Node set(String key, Object value) {
      config.set(key, MAPPER.valueToTree(value));
      return this;
    }

    /** {@return this layer with arguments of a constructor, where it has them} */
    public Node copy(HubArguments arguments, String... keys) {
      for (String key : keys) {
        JsonNode value = arguments.find(key);
        if (value != null) {
          config.set(key, value);
        }
      }
      return this;
    }

    /** {@return what a call with tensors gives} */
    public Ref call(Ref... tensors) {
      return call(Map.of(), tensors);
    }

    /** {@return what a call gives} */
    public Ref call(Map<String, Ref> named, Ref... tensors) {
      ArrayNode arguments = NODES.arrayNode();
      for (Ref tensor : tensors) {
        arguments.add(tensor.json());
      }
      return call(arguments, named);
    }

    /** {@return what an embedding gives that makes words of vectors} */
    public Ref reversed(Ref tensor) {
      Ref output = call(tensor);
      ((ObjectNode) calls.path(calls.size() - 1).path("kwargs")).put("reverse", true);
      return output;
    }

    /** {@return what a call with one list of tensors gives} */
    public Ref join(Ref... tensors) {
      ArrayNode arguments = NODES.arrayNode();
      ArrayNode list = arguments.addArray();
      for (Ref tensor : tensors) {
        list.add(tensor.json());
      }
      return call(arguments, Map.of());
    }

    /** {@return what a call with a dictionary of tensors gives} */
    public Ref dictionary(Map<String, Ref> tensors) {
      ArrayNode arguments = NODES.arrayNode();
      ObjectNode entries = arguments.addObject();
      tensors.forEach((key, tensor) -> entries.set(key, tensor.json()));
      return call(arguments, Map.of());
    }

    private Ref call(ArrayNode arguments, Map<String, Ref> named) {
      ObjectNode call = calls.addObject();
      call.set("args", arguments);
      ObjectNode others = call.putObject("kwargs");
      named.forEach((key, tensor) -> others.set(key, tensor.json()));
      return new Ref(name, calls.size() - 1, 0);
    }
  }

  /** {@return an input; a size of null is any} */
  public Ref input(String name, String type, @Nullable Integer... sizes) {
    ObjectNode config = NODES.objectNode();
    ArrayNode shape = config.putArray("batch_shape").addNull();
    for (Integer size : sizes) {
      shape.add(size);
    }
    config.put("dtype", type).put("sparse", false).put("ragged", false).put("name", name);
    add(KERAS, "InputLayer", null, name, config);
    Ref input = new Ref(name, 0, 0);
    inputs.set(name, input.history());
    return input;
  }

  /** {@return an input of tokens' numbers, of any length} */
  public Ref tokens(String name) {
    return input(name, "int32", (Integer) null);
  }

  /** {@return a layer of Keras' own} */
  public Node keras(String className, String name) {
    return add(KERAS, className, null, name, NODES.objectNode().put("name", name));
  }

  /** {@return a layer of KerasHub that is registered in its package} */
  public Node hub(String className, String name) {
    String registered = "keras_hub>" + className;
    ObjectNode config = NODES.objectNode().put("name", name);
    return add("keras_hub.layers", className, registered, name, config);
  }

  /** {@return a layer of KerasHub that is told by its module} */
  public Node inner(String module, String className, String name) {
    ObjectNode config = NODES.objectNode().put("name", name);
    return add(Inner.HUB + module, className, className, name, config);
  }

  /**
   * {@return a model as a layer}
   *
   * @param model its envelope, written out
   * @param name its name
   */
  public Node model(ObjectNode model, String name) {
    ObjectNode envelope = model.deepCopy();
    envelope.put("name", name);
    ArrayNode calls = envelope.putArray("inbound_nodes");
    layers.add(envelope);
    return new Node(name, (ObjectNode) envelope.path("config"), calls);
  }

  /** {@return a layer of Keras' own that another model has, too} */
  public Node shared(String className, String name, String id) {
    Node node = keras(className, name);
    ((ObjectNode) layers.path(layers.size() - 1)).put("shared_object_id", id);
    return node;
  }

  /** {@return one token of each row, {@code x[:, place, :]}} */
  public Ref token(Ref x, int place) {
    String name = "get_item" + (items == 0 ? "" : "_" + items);
    items++;
    Node node =
        add(
            "keras.src.ops.numpy",
            "GetItem",
            "GetItem",
            name,
            NODES.objectNode().put("name", name));
    ArrayNode arguments = NODES.arrayNode();
    arguments.add(x.json());
    ArrayNode key = arguments.addArray();
    key.add(all());
    key.add(place);
    key.add(all());
    return node.call(arguments, Map.of());
  }

  private static ObjectNode all() {
    ObjectNode slice = NODES.objectNode().put("class_name", "__slice__");
    slice.putObject("config").putNull("start").putNull("stop").putNull("step");
    return slice;
  }

  private Node add(
      String module,
      String className,
      @Nullable String registered,
      String name,
      ObjectNode config) {
    ObjectNode envelope = layers.addObject();
    envelope.put("module", module).put("class_name", className);
    envelope.set("config", config);
    envelope.put("registered_name", registered).put("name", name);
    return new Node(name, config, envelope.putArray("inbound_nodes"));
  }

  /** {@return the configuration of a model that gives one tensor} */
  public ObjectNode gives(Ref output) {
    ObjectNode config = whole();
    config.set("output_layers", output.history());
    return config;
  }

  /** {@return the configuration of a model that gives a dictionary} */
  public ObjectNode gives(Map<String, Ref> outputs) {
    ObjectNode config = whole();
    ObjectNode entries = config.putObject("output_layers");
    outputs.forEach((key, output) -> entries.set(key, output.history()));
    return config;
  }

  private ObjectNode whole() {
    ObjectNode config = NODES.objectNode().put("trainable", true);
    config.set("layers", layers);
    config.set("input_layers", inputs);
    return config;
  }

  /** {@return the names of a written model's inputs} */
  public static Map<String, Ref> inputsOf(HubGraph graph, JsonNode model) {
    Map<String, Ref> found = new LinkedHashMap<>();
    for (JsonNode layer : model.path("config").path("layers")) {
      if (layer.path("class_name").asText().equals("InputLayer")) {
        String name = layer.path("config").path("name").asText();
        graph.layers.add(layer.deepCopy());
        Ref input = new Ref(name, 0, 0);
        graph.inputs.set(name, input.history());
        found.put(name, input);
      }
    }
    return found;
  }
}
