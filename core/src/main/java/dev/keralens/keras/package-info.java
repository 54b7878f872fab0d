/**
 * Turns Keras models into graphs: how the layers are connected, and what each of them computes.
 *
 * <p>A {@link dev.keralens.keras.file.KerasFile} gives the architecture and the weights; a {@link
 * dev.keralens.keras.model.KerasModel} reads the architecture and makes a {@link
 * dev.keralens.network.Network} for given input sizes; {@link dev.keralens.keras.layer.LayerTable} says for
 * each class of layers how it is built.
 */
@NullMarked
package dev.keralens.keras;

import org.jspecify.annotations.NullMarked;
