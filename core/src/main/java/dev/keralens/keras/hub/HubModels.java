package dev.keralens.keras.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.ModelDefinition;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubBackbone;
import dev.keralens.keras.hub.argument.HubTask;
import dev.keralens.keras.hub.argument.HubText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes out the layers of KerasHub's models in an architecture.
 *
 * <pre>
 * backbone  = { "registered_name": "keras_hub>ResNetBackbone", "config": { argument } }
 * task      = { "registered_name": "keras_hub>ResNetImageClassifier",
 *               "config": { "backbone": backbone, "preprocessor": .., argument } }
 * becomes     the same envelope with the config of a functional model
 * </pre>
 *
 * <p>The class's name stays: groups of weights are named by it. A task's layers are an input, the
 * backbone, and what is behind it. The preprocessor is no part of the graph.
 */
public final class HubModels {
  private static final String PACKAGE = "keras_hub>";
  private static final String SHAPES = "weight_shapes";

  /** Where a model that was written out has what its outputs are called. */
  public static final String OUTPUT_NAMES = "output_names";

  private static final String LEFT_OUT = "left_out";
  private static final String SHAPES_OF = "shapes";

  /** Made when it is first needed. */
  private static final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();
  }

  private HubModels() {}

  /**
   * {@return an architecture in which each model of KerasHub lists its layers}
   *
   * @param file the file's name, for messages
   * @param architecture a model's envelope; it is not changed
   * @throws dev.keralens.graph.InvalidModelException if an argument is not what its class takes
   * @throws dev.keralens.graph.UnsupportedModelException if an argument is not known here
   */
  public static JsonNode expand(String file, JsonNode architecture) {
    JsonNode renamed = HubNames.today(architecture);
    return holdsModel(renamed) ? rewritten(file, renamed.deepCopy()) : renamed;
  }

  /**
   * {@return whether an envelope is that of a model of KerasHub whose layers are known here}
   *
   * @param envelope a class and its configuration
   */
  public static boolean isKnown(JsonNode envelope) {
    String name = envelope.path("registered_name").asText("");
    // Files without such a class never load the table.
    return name.startsWith(PACKAGE)
        && (HubTable.BACKBONES.containsKey(name)
            || HubTable.TASKS.containsKey(name)
            || HubTable.TEXTS.containsKey(name));
  }

  /**
   * {@return whether an envelope is that of a class of KerasHub}
   *
   * @param envelope a class and its configuration
   */
  public static boolean isOfKerasHub(JsonNode envelope) {
    return envelope.path("registered_name").asText("").startsWith(PACKAGE)
        || envelope.path("class_name").asText("").startsWith(PACKAGE)
        || envelope.path("module").asText("").matches("keras_(hub|cv)\\b.*");
  }

  /**
   * {@return the shapes that the weights inside a model must have, by the layer's path in it and by
   * name; empty where it is not one that was written out}
   *
   * @param envelope a model's envelope
   */
  public static Map<String, Map<String, int[]>> shapes(JsonNode envelope) {
    Map<String, Map<String, int[]>> shapes = new LinkedHashMap<>();
    if (envelope.path("config").has(SHAPES)) {
      for (Map.Entry<String, JsonNode> layer : envelope.path("config").path(SHAPES).properties()) {
        Map<String, int[]> own = new LinkedHashMap<>();
        layer
            .getValue()
            .properties()
            .forEach(
                weight ->
                    own.put(
                        weight.getKey(), Json.MAPPER.convertValue(weight.getValue(), int[].class)));
        shapes.put(layer.getKey(), own);
      }
    }
    return shapes;
  }

  /**
   * {@return what to say of a class of KerasHub that is not known here}
   *
   * @param envelope the class and its arguments
   */
  public static String refusal(JsonNode envelope) {
    return envelope.path("module").asText("").startsWith("keras_cv")
        ? "KerasCV's classes take other arguments than KerasHub's of the same name, and are not"
            + " read. Build the model with keras_hub and take its weights over, or export it to"
            + " ONNX."
        : refusal();
  }

  private static String refusal() {
    return "this class of KerasHub is not read yet. Read are tasks and backbones: %s. Others: export the model to ONNX."
        .formatted(backbones());
  }

  /** The backbones alone: messages are cut where they are long. */
  private static List<String> backbones() {
    return HubTable.BACKBONES.keySet().stream()
        .map(name -> name.substring(PACKAGE.length()))
        .sorted()
        .toList();
  }

  /** {@return the classes that are read, sorted} */
  public static List<String> classes() {
    return Stream.of(HubTable.BACKBONES, HubTable.TASKS, HubTable.TEXTS)
        .flatMap(table -> table.keySet().stream())
        .map(name -> name.substring(PACKAGE.length()))
        .sorted()
        .toList();
  }

  private static boolean holdsModel(JsonNode node) {
    if (node.isObject() && isKnown(node)) {
      return true;
    }
    for (JsonNode child : node) {
      if (child.isContainerNode() && holdsModel(child)) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode rewritten(String file, JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(rewritten(file, field.getValue())));
      return isKnown(object) ? expanded(file, object) : object;
    }
    if (node instanceof ArrayNode list) {
      for (int i = 0; i < list.size(); i++) {
        list.set(i, rewritten(file, list.get(i)));
      }
    }
    return node;
  }

  private static ObjectNode expanded(String file, ObjectNode envelope) {
    String registered = envelope.path("registered_name").asText();
    String className = registered.substring(PACKAGE.length());
    JsonNode arguments = envelope.path("config");
    HubArguments reader = new HubArguments(file, className, arguments);
    reader.common();
    HubBackbone backbone = HubTable.BACKBONES.get(registered);
    HubTask task = HubTable.TASKS.get(registered);
    HubText text = HubTable.TEXTS.get(registered);
    ObjectNode config;
    try {
      if (backbone != null) {
        ModelBuilder b = ModelBuilder.create(className);
        SymbolicTensor output = backbone.build(b, reader);
        Map<String, SymbolicTensor> outputs = reader.outputs();
        config = written(b, outputs.isEmpty() ? Map.of("", output) : outputs);
        config.set(OUTPUT_NAMES, Json.MAPPER.valueToTree(outputs.keySet()));
        config.set(HubArguments.CONSTRUCTOR, arguments);
        if (!reader.levels().isEmpty()) {
          ObjectNode levels = config.putObject(HubArguments.LEVELS);
          levels.set("config", written(b, reader.levels()));
          levels.set(SHAPES_OF, shapesOf(reader.levels()));
        }
      } else if (task != null) {
        config = joined(reader, task);
      } else if (text != null) {
        config = text.build(reader);
      } else {
        throw reader.unsupported(refusal());
      }
    } catch (IllegalArgumentException e) {
      throw reader.invalid(String.valueOf(e.getMessage()));
    }
    reader.finish();
    if (!reader.leftOut().isEmpty()) {
      config.set(LEFT_OUT, Json.MAPPER.valueToTree(reader.leftOut()));
    }
    config.put("name", name(envelope, className));
    freeze(config, arguments.path("trainable").asBoolean(true));
    envelope.put("class_name", className).set("config", config);
    return envelope;
  }

  /** The configuration of a model of given outputs, with what is known of its weights. */
  private static ObjectNode written(ModelBuilder b, Map<String, SymbolicTensor> outputs) {
    ModelDefinition definition = b.build(outputs.values().toArray(new SymbolicTensor[0]));
    ObjectNode config = config(definition);
    config.set(SHAPES, Json.MAPPER.valueToTree(definition.shapes()));
    config.set(HubArguments.GIVES, shapesOf(outputs));
    return config;
  }

  private static JsonNode shapesOf(Map<String, SymbolicTensor> outputs) {
    ObjectNode shapes = JsonNodeFactory.instance.objectNode();
    outputs.forEach((key, tensor) -> shapes.set(key, Json.MAPPER.valueToTree(tensor.shape())));
    return shapes;
  }

  /** An input, the backbone, and the task's own layers. */
  private static ObjectNode joined(HubArguments reader, HubTask task) {
    JsonNode given = reader.find("backbone");
    reader.skip("preprocessor");
    if (!(given instanceof ObjectNode backbone) || !backbone.path("config").has("layers")) {
      throw reader.unsupported(
          given == null
              ? "it has no backbone."
              : "its backbone is of the class '%s', which is not read; read are %s."
                  .formatted(given.path("class_name").asText(), backbones()));
    }
    JsonNode inner = backbone.path("config");
    if (!inner.path("layers").path(0).path("class_name").asText().equals("InputLayer")) {
      throw reader.unsupported("its backbone does not begin with an input.");
    }
    String name = inner.path("name").asText();
    ModelBuilder b = ModelBuilder.create("head");
    Map<String, SymbolicTensor> features = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> output : inner.path(HubArguments.GIVES).properties()) {
      int[] shape = Json.MAPPER.convertValue(output.getValue(), int[].class);
      features.put(output.getKey(), b.namedInput("feature " + features.size(), shape));
    }
    if (features.size() > 1) {
      features.forEach(reader::output);
    }
    reader.backbone(inner.path(HubArguments.CONSTRUCTOR));
    reader.size(inner.path("layers").path(0).path("config").path("batch_shape"));
    SymbolicTensor result = task.build(b, features.values().iterator().next(), reader);
    Map<String, SymbolicTensor> results = reader.results();
    SymbolicTensor[] outputs =
        results.isEmpty()
            ? new SymbolicTensor[] {result}
            : results.values().toArray(new SymbolicTensor[0]);
    ObjectNode config = config(b.build(outputs));
    config.set(OUTPUT_NAMES, Json.MAPPER.valueToTree(results.keySet()));
    ArrayNode layers = JsonNodeFactory.instance.arrayNode();
    JsonNode input = inner.path("layers").path(0).deepCopy();
    String inputName = input.path("config").path("name").asText();
    layers.add(input);
    backbone.put("name", name);
    ObjectNode call = backbone.putArray("inbound_nodes").addObject();
    call.putArray("args").add(tensor(inputName));
    call.putObject("kwargs");
    layers.add(backbone);
    int index = 0;
    for (SymbolicTensor feature : features.values()) {
      connect(config, feature.layer(), name, index++);
    }
    for (JsonNode layer : config.path("layers")) {
      if (!layer.path("class_name").asText().equals("InputLayer")) {
        layers.add(layer);
      }
    }
    config.set("layers", layers);
    config.putArray("input_layers").addArray().add(inputName).add(0).add(0);
    return config;
  }

  private static ObjectNode tensor(String layer) {
    ObjectNode tensor = JsonNodeFactory.instance.objectNode().put("class_name", "__keras_tensor__");
    tensor.putObject("config").putArray("keras_history").add(layer).add(0).add(0);
    return tensor;
  }

  /** Makes what reads one layer, and the outputs that are that layer's, read another one. */
  private static void connect(JsonNode config, String from, String to, int index) {
    config.findValues("keras_history").forEach(history -> point(history, from, to, index));
    config.path("output_layers").forEach(history -> point(history, from, to, index));
  }

  private static void point(JsonNode history, String from, String to, int index) {
    if (history instanceof ArrayNode place && place.path(0).asText().equals(from)) {
      place.set(0, to).set(2, index);
    }
  }

  private static ObjectNode config(ModelDefinition definition) {
    try {
      return (ObjectNode) Json.MAPPER.readTree(definition.toJson()).path("config");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The definition is no JSON.", e);
    }
  }

  /** A model that is not trained says so for its layers, by which older files order weights. */
  private static void freeze(ObjectNode config, boolean trainable) {
    config.put("trainable", trainable);
    if (!trainable) {
      config
          .path("layers")
          .forEach(layer -> ((ObjectNode) layer.path("config")).put("trainable", false));
    }
  }

  /** The name that the file gives, or the one that Keras would. */
  private static String name(ObjectNode envelope, String className) {
    JsonNode own = envelope.path("config").path("name");
    JsonNode name = envelope.path("name").isTextual() ? envelope.path("name") : own;
    return name.isTextual()
        ? name.textValue()
        : className
            .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
            .replaceAll("([a-z])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT);
  }
}
