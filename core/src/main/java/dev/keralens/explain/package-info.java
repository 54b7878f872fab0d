/**
 * What a method of explanation is, and what runs it: formulas as one graph, ensembles as passes.
 */
@NullMarked
package dev.keralens.explain;

import org.jspecify.annotations.NullMarked;
