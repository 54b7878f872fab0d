/**
 * Keras' layers: which operators a call of each class adds to the graph. {@link
 * dev.keralens.keras.layer.LayerTable} has a row for each class.
 */
@NullMarked
package dev.keralens.keras.layer;

import org.jspecify.annotations.NullMarked;
