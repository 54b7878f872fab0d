/** The description of a network: its layers, its tensors, and how their axes lie. */
@NullMarked
package dev.keralens.network;

import org.jspecify.annotations.NullMarked;
