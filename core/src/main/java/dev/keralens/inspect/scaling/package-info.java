/** Finds what scales the pixels that go in. */
@NullMarked
package dev.keralens.inspect.scaling;

import org.jspecify.annotations.NullMarked;
