/** A call of a layer, and the network that it adds to; what layers and functions share. */
@NullMarked
package dev.keralens.keras.call;

import org.jspecify.annotations.NullMarked;
