/** Runs methods: formulas as one graph, ensembles as passes. */
@NullMarked
package dev.keralens.explain.run;

import org.jspecify.annotations.NullMarked;
