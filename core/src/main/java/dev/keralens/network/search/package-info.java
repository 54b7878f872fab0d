/**
 * Finds in a network: layers by name, what axes hold, where places go, what depends on what,
 * biases, embeddings.
 */
@NullMarked
package dev.keralens.network.search;

import org.jspecify.annotations.NullMarked;
