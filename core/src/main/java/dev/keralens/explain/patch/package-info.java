/**
 * What a window of the input reaches in a network, and a graph that computes no more than that
 * (incremental inference, Nakandala et al., 2019).
 */
@NullMarked
package dev.keralens.explain.patch;

import org.jspecify.annotations.NullMarked;
