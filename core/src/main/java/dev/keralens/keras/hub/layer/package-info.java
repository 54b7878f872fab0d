/** The table of KerasHub's layers that hold layers and weights of their own. */
@NullMarked
package dev.keralens.keras.hub.layer;

import org.jspecify.annotations.NullMarked;
