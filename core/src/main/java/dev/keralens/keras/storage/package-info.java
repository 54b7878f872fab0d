/** What a model's files are made of: regions of bytes, JSON, HDF5, TensorFlow's checkpoints. */
@NullMarked
package dev.keralens.keras.storage;

import org.jspecify.annotations.NullMarked;
