/** Functions of single elements: slopes, and forms in double precision. */
@NullMarked
package dev.keralens.element;

import org.jspecify.annotations.NullMarked;
