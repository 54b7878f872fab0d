/**
 * What a window of the input reaches in a network, and a graph that computes no more than that
 * (incremental inference, Nakandala et al., 2019); and how far the channels of an activation stay
 * apart, so that what is left out of them is left out there.
 */
@NullMarked
package dev.keralens.explain.patch;

import org.jspecify.annotations.NullMarked;
