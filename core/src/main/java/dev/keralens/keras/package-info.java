/**
 * A call of a layer: its arguments, weights, inputs and masks, and the network it adds to; and what
 * layers and functions share.
 */
@NullMarked
package dev.keralens.keras;

import org.jspecify.annotations.NullMarked;
