/** Explains what Keras models see. */
@NullMarked
package dev.keralens;

import org.jspecify.annotations.NullMarked;
