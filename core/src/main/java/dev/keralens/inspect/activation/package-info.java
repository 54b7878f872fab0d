/** Finds the activation that is usually explained: the last one that has places. */
@NullMarked
package dev.keralens.inspect.activation;

import org.jspecify.annotations.NullMarked;
