/**
 * The explanation methods, one class each. A method adds operators to a network's graph, or runs
 * such graphs several times.
 */
@NullMarked
package dev.keralens.method;

import org.jspecify.annotations.NullMarked;
