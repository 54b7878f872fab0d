/**
 * Models written in Java, layer by layer, as Keras' functional interface writes them in Python.
 *
 * <p>A {@link dev.keralens.keras.build.ModelBuilder} writes the configuration that Keras itself
 * would write; it is then read like a model file, so that a layer is the same wherever it comes
 * from.
 */
@NullMarked
package dev.keralens.keras.build;

import org.jspecify.annotations.NullMarked;
