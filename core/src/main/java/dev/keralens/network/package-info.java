/** The description of a network: its layers, its tensors, and which of their axes mean what. */
@NullMarked
package dev.keralens.network;

import org.jspecify.annotations.NullMarked;
