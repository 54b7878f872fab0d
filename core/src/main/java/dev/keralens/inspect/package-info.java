/** What a model consists of: names of layers, axes of units, summaries. */
@NullMarked
package dev.keralens.inspect;

import org.jspecify.annotations.NullMarked;
