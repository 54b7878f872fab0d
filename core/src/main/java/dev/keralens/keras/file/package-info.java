/**
 * Reads the files that Keras writes, without knowing what a layer computes: the architecture as
 * JSON, the weights as arrays.
 *
 * <pre>{@code
 * KerasFile file = KerasFile.open(path);
 * WeightStore weights = file.weights(layout);
 * Tensor kernel = weights.of(LayerPath.of("backbone", "conv2d")).get("kernel").read();
 * }</pre>
 */
@NullMarked
package dev.keralens.keras.file;

import org.jspecify.annotations.NullMarked;
