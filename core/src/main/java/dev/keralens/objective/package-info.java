/** What is explained of a model: units of an output, and what can be made of them. */
@NullMarked
package dev.keralens.objective;

import org.jspecify.annotations.NullMarked;
