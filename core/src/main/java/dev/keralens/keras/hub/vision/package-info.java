/** The layers of KerasHub's networks for pictures that hold layers and weights of their own. */
@NullMarked
package dev.keralens.keras.hub.vision;

import org.jspecify.annotations.NullMarked;
