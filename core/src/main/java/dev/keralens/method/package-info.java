/** The explanation methods, one class each. */
@NullMarked
package dev.keralens.method;

import org.jspecify.annotations.NullMarked;
