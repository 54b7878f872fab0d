/**
 * Reverse-mode differentiation, from graph to graph: gradients are built of the same operators as
 * the network, one rule per operator.
 */
@NullMarked
package dev.keralens.grad;

import org.jspecify.annotations.NullMarked;
