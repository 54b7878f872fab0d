/**
 * KerasHub's models. Their files hold the arguments of a constructor, not the layers: the layers
 * are written out here, as the constructor makes them, and then read like those of any model.
 */
@NullMarked
package dev.keralens.keras.hub;

import org.jspecify.annotations.NullMarked;
