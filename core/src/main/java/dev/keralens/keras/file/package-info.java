/**
 * Reads the files that Keras writes, without knowing what a layer computes: the architecture as
 * JSON, the weights as arrays.
 *
 * <pre>{@code
 * KerasFile file = KerasFile.open(Path.of("model.keras"));
 * JsonNode architecture = file.architecture();
 * WeightStore weights = file.weights(layer -> table.weights(layer));
 * Tensor kernel = weights.of(LayerPath.of("backbone", "conv1")).get("kernel").read();
 * }</pre>
 */
@NullMarked
package dev.keralens.keras.file;

import org.jspecify.annotations.NullMarked;
