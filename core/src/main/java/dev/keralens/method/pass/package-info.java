/** Passes that several methods share, and what becomes of their answers. */
@NullMarked
package dev.keralens.method.pass;

import org.jspecify.annotations.NullMarked;
