/** Graphs in double precision. */
@NullMarked
package dev.keralens.rewrite.float64;

import org.jspecify.annotations.NullMarked;
