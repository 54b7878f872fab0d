package dev.keralens.keras.storage;

/** The kinds of files that Keras writes a model to. */
public enum FileFormat {
  /** The {@code .keras} archive of Keras 2.12 and later, or the same files in a folder. */
  KERAS_ARCHIVE("Keras archive"),
  /** The folder of a KerasHub preset that holds a task. */
  KERAS_HUB_PRESET("KerasHub preset"),
  /** A whole model in one HDF5 file, {@code .h5} or {@code .hdf5}. */
  HDF5("HDF5"),
  /** A TensorFlow SavedModel folder that Keras 2 wrote. */
  SAVED_MODEL("TensorFlow SavedModel"),
  /** An architecture, as JSON or in a whole model, and the weights in a file of their own. */
  TWO_FILES("architecture and weights");

  private final String title;

  FileFormat(String title) {
    this.title = title;
  }

  /** {@return what people call it} */
  @Override
  public String toString() {
    return title;
  }
}
