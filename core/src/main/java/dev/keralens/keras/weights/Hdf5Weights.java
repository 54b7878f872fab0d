package dev.keralens.keras.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.BrainFloats;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.Hdf5Group;
import dev.keralens.keras.storage.WeightArray;
import java.util.List;
import java.util.Optional;

/**
 * The groups of one HDF5 file.
 *
 * @param root the file's root group
 * @param name the file, for messages
 */
public record Hdf5Weights(String name, Hdf5Group root) implements ObjectTree.WeightGroups {
  /**
   * {@return the groups of a file}
   *
   * @param name the file, for messages
   * @param config the architecture that the weights belong to
   */
  public static Hdf5Weights open(String name, FileRegion file, JsonNode config) {
    boolean brain = Architecture.hasBrainFloats(config);
    return new Hdf5Weights(name, Hdf5Group.open(brain ? BrainFloats.readable(file) : file));
  }

  @Override
  public boolean has(String path) {
    return root.group(path).isPresent();
  }

  @Override
  public boolean hasArrays(String path) {
    return root.group(path).map(Hdf5Group::hasArrays).orElse(false);
  }

  @Override
  public List<String> names(String path) {
    return root.group(path).map(group -> List.copyOf(group.names())).orElse(List.of());
  }

  @Override
  public Optional<WeightArray> array(String path) {
    return root.array(path);
  }
}
