/** Functions of {@code keras.ops} and TensorFlow that models call like layers. */
@NullMarked
package dev.keralens.keras.function;

import org.jspecify.annotations.NullMarked;
