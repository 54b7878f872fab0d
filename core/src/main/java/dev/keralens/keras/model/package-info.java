/** A Keras model as a whole: how its layers are connected, and the network that they make. */
@NullMarked
package dev.keralens.keras.model;

import org.jspecify.annotations.NullMarked;
