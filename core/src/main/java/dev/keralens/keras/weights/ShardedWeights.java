package dev.keralens.keras.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.WeightArray;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Groups of weights spread over several HDF5 files, as Keras 3.10 and later write them when told a
 * largest size.
 *
 * <pre>
 * map    = {"metadata": {"total_size": ..}, "weight_map": { path: shard | [shard, ..], .. }}
 * path   = "/layers/conv2d/vars"                       a group
 * shard  = "model_00000.weights.h5"                    a file beside the map
 * </pre>
 *
 * <p>A group's arrays may lie in several shards. In Keras 3.10 the map then names the first of them
 * only, so all shards are searched.
 */
public final class ShardedWeights implements ObjectTree.WeightGroups {
  private static final int MAX_SHARDS = 10_000;

  private final String name;
  private final NavigableSet<String> groups = new TreeSet<>();
  private final Map<String, Hdf5Weights> shards = new LinkedHashMap<>();

  private ShardedWeights(String name) {
    this.name = name;
  }

  /** {@return whether a JSON object is such a map} */
  static boolean isMap(JsonNode json) {
    return json.path("weight_map").isObject();
  }

  /**
   * {@return the weights that a map leads to}
   *
   * @param map the map
   * @param files where its shards lie
   * @param config the architecture that the weights belong to
   */
  public static ShardedWeights open(FileRegion map, ModelFiles files, JsonNode config)
      throws IOException {
    JsonNode json = Architecture.parse(map);
    if (!isMap(json)) {
      throw new InvalidModelException(map.name() + " is no map of weights.");
    }
    ShardedWeights weights = new ShardedWeights(map.name());
    for (Map.Entry<String, JsonNode> entry : json.get("weight_map").properties()) {
      weights.groups.add(entry.getKey().replaceFirst("^/", ""));
      JsonNode names = entry.getValue();
      for (JsonNode shard : names.isArray() ? names : List.of(names)) {
        weights.open(shard.asText(), files, config);
      }
    }
    return weights;
  }

  private void open(String shard, ModelFiles files, JsonNode config) throws IOException {
    if (shards.containsKey(shard)) {
      return;
    }
    if (shard.isEmpty() || !shard.matches("[^/\\\\:]+") || shards.size() >= MAX_SHARDS) {
      throw new InvalidModelException(
          "%s names the file '%s', which is not beside it.".formatted(name, shard));
    }
    FileRegion file =
        files
            .entry(shard, Long.MAX_VALUE)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "%s names the file '%s', which is missing.".formatted(name, shard)));
    shards.put(shard, Hdf5Weights.open(file.name(), file, config));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean has(String path) {
    return groups.contains(path) || hasArrays(path);
  }

  @Override
  public boolean hasArrays(String path) {
    String below = groups.ceiling(path + "/");
    return below != null && below.startsWith(path + "/");
  }

  @Override
  public List<String> names(String path) {
    Set<String> names = new LinkedHashSet<>();
    shards.values().forEach(shard -> names.addAll(shard.names(path)));
    return List.copyOf(names);
  }

  @Override
  public Optional<WeightArray> array(String path) {
    return shards.values().stream().flatMap(shard -> shard.array(path).stream()).findFirst();
  }
}
