/** Functions that are applied to each map: which part of it is kept, and its scale. */
@NullMarked
package dev.keralens.filter;

import org.jspecify.annotations.NullMarked;
