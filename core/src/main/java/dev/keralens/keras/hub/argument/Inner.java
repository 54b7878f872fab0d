package dev.keralens.keras.hub.argument;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.CustomLayers;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A layer of KerasHub's own in a backbone: its class, its arguments, and its call. */
public final class Inner {
  /** Where the modules of KerasHub's own classes lie. */
  public static final String HUB = "keras_hub.src.";

  /** The module of its models. */
  public static final String MODELS = "keras_hub.models";

  private final String module;
  private final String className;
  private final Map<String, @Nullable Object> config = new LinkedHashMap<>();

  private Inner(String module, String className) {
    this.module = module;
    this.className = className;
  }

  /**
   * {@return a layer without arguments}
   *
   * @param module its module, without {@link #HUB}
   * @param className its class
   */
  public static Inner of(String module, String className) {
    return new Inner(module, className);
  }

  /** {@return a layer whose class is registered in KerasHub's package, wherever it lies} */
  public static Inner registered(String className) {
    return of("", className);
  }

  /** {@return this layer with an argument; null is Python's None} */
  public Inner set(String key, @Nullable Object value) {
    config.put(key, value);
    return this;
  }

  /** {@return this layer with arguments of the same name as the backbone's, where it has them} */
  public Inner copy(HubArguments arguments, String... keys) {
    for (String key : keys) {
      JsonNode value = arguments.find(key);
      if (value != null) {
        config.put(key, value);
      }
    }
    return this;
  }

  /** {@return what it gives} */
  public SymbolicTensor call(ModelBuilder b, String name, int[] shape, SymbolicTensor... inputs) {
    return several(b, name, List.of(shape), inputs).get(0);
  }

  /** {@return all that it gives, a tensor for each shape} */
  public List<SymbolicTensor> several(
      ModelBuilder b, String name, List<int[]> shapes, SymbolicTensor... inputs) {
    return CustomLayers.call(b, HUB + module, className, name, config, shapes, inputs);
  }
}
