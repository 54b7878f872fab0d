package dev.keralens.keras.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerLocation;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a model says about its inputs. */
final class ModelInputs {
  private ModelInputs() {}

  /**
   * What an input may be declared as, and what the graph takes: floats of any width are float32.
   */
  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("float16", ElementType.FLOAT32),
          Map.entry("bfloat16", ElementType.FLOAT32),
          Map.entry("float32", ElementType.FLOAT32),
          Map.entry("float64", ElementType.FLOAT32),
          Map.entry("bool", ElementType.BOOL),
          Map.entry("uint8", ElementType.UINT8),
          Map.entry("int8", ElementType.INT8),
          Map.entry("int16", ElementType.INT32),
          Map.entry("uint16", ElementType.INT32),
          Map.entry("int32", ElementType.INT32),
          Map.entry("uint32", ElementType.INT64),
          Map.entry("int64", ElementType.INT64));

  /**
   * {@return what an input layer says}
   *
   * @param vertex an input layer
   * @param location where it lies
   */
  static ModelInput of(Topology.Vertex vertex, LayerLocation location) {
    JsonNode config = vertex.envelope().path("config");
    return new ModelInput(vertex.name(), type(config, location), sizes(config, location));
  }

  /** {@return where an input layer or the first layer of a model has its shape; maybe missing} */
  static JsonNode shape(JsonNode config) {
    JsonNode shape = LayerConfig.unwrap(config.path("batch_shape"));
    return shape.isArray() ? shape : LayerConfig.unwrap(config.path("batch_input_shape"));
  }

  /** {@return the shape of the first input of a model; maybe missing} */
  static JsonNode first(JsonNode envelope, LayerLocation location) {
    Topology topology = TopologyReader.read(envelope, location);
    return topology.layers().stream()
        .filter(Topology.Vertex::isInput)
        .findFirst()
        .map(vertex -> shape(vertex.envelope().path("config")))
        .orElse(MissingNode.getInstance());
  }

  private static ElementType type(JsonNode config, LayerLocation location) {
    JsonNode dtype = config.path("dtype");
    if (dtype.isObject()) {
      // A policy, such as mixed_float16: what goes in is cast to its compute type.
      return ElementType.FLOAT32;
    }
    String name = dtype.asText("float32");
    if (name.equals("null") || name.startsWith("mixed_")) {
      return ElementType.FLOAT32;
    }
    ElementType type = TYPES.get(name);
    if (type == null) {
      throw location.unsupported(
          "inputs of type %s cannot be read; begin the model after the layers that take them."
              .formatted(name));
    }
    return type;
  }

  private static @Nullable List<@Nullable Integer> sizes(JsonNode config, LayerLocation location) {
    JsonNode shape = shape(config);
    if (!shape.isArray()) {
      return null;
    }
    List<@Nullable Integer> sizes = new ArrayList<>();
    for (JsonNode size : shape) {
      if (!size.isNull() && (!size.canConvertToInt() || size.intValue() < 1)) {
        throw location.invalid(
            "its shape is %s, expected sizes above 0 or null."
                .formatted(LayerConfig.shortened(shape)));
      }
      sizes.add(size.isNull() ? null : size.intValue());
    }
    if (sizes.isEmpty()) {
      throw location.invalid("its shape has no batch axis.");
    }
    return sizes;
  }
}
