package dev.keralens.keras.file;

import java.util.List;
import java.util.Optional;

/**
 * The groups of one HDF5 file.
 *
 * @param root the file's root group
 * @param name the file, for messages
 */
record Hdf5Weights(String name, Hdf5Group root) implements ObjectTree.WeightGroups {
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
