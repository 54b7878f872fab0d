/** Finds where logits end and the final activation begins. */
@NullMarked
package dev.keralens.inspect.logits;

import org.jspecify.annotations.NullMarked;
