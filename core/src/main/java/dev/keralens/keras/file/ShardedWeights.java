package dev.keralens.keras.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Groups of weights spread over several HDF5 files, as Keras 3.10 and later write them when told a
 * largest size.
 *
 * <pre>
 * map    = {"metadata": {"total_size": ..}, "weight_map": { path: shard | [shard, ..], .. }}
 * path   = "/layers/conv2d/vars"                       a group; its arrays may lie in several shards
 * shard  = "model_00000.weights.h5"                    a file beside the map
 * </pre>
 */
final class ShardedWeights implements ObjectTree.WeightGroups {
  private static final int MAX_SHARDS = 10_000;

  private final String name;
  private final TreeMap<String, List<Hdf5Weights>> byPath = new TreeMap<>();

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
  static ShardedWeights open(FileRegion map, ModelFiles files, JsonNode config) throws IOException {
    JsonNode json = Architecture.parse(map.name(), map.bytes(0, map.size()));
    if (!isMap(json)) {
      throw new InvalidModelException(map.name() + " is no map of weights.");
    }
    ShardedWeights weights = new ShardedWeights(map.name());
    Map<String, Hdf5Weights> shards = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.get("weight_map").properties()) {
      List<Hdf5Weights> holding = new ArrayList<>();
      JsonNode names = entry.getValue();
      for (JsonNode shard : names.isArray() ? names : List.of(names)) {
        holding.add(weights.shard(shard.asText(), shards, files, config));
      }
      weights.byPath.put(entry.getKey().replaceFirst("^/", ""), holding);
    }
    return weights;
  }

  private Hdf5Weights shard(
      String shard, Map<String, Hdf5Weights> shards, ModelFiles files, JsonNode config)
      throws IOException {
    Hdf5Weights open = shards.get(shard);
    if (open == null) {
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
      open = Hdf5Weights.open(file.name(), file, config);
      shards.put(shard, open);
    }
    return open;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean has(String path) {
    return byPath.containsKey(path) || hasArrays(path);
  }

  @Override
  public boolean hasArrays(String path) {
    String below = byPath.ceilingKey(path + "/");
    return below != null && below.startsWith(path + "/");
  }

  @Override
  public List<String> names(String path) {
    Set<String> names = new LinkedHashSet<>();
    for (Hdf5Weights shard : byPath.getOrDefault(path, List.of())) {
      names.addAll(shard.names(path));
    }
    return List.copyOf(names);
  }

  @Override
  public Optional<WeightArray> array(String path) {
    String group = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    for (Hdf5Weights shard : byPath.getOrDefault(group, List.of())) {
      Optional<WeightArray> array = shard.array(path);
      if (array.isPresent()) {
        return array;
      }
    }
    return Optional.empty();
  }
}
