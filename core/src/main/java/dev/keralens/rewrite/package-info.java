/**
 * Makes graphs cheaper to run without changing what they compute: what the engine cannot do itself,
 * because it does not know of gradients.
 */
@NullMarked
package dev.keralens.rewrite;

import org.jspecify.annotations.NullMarked;
