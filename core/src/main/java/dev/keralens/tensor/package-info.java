/** Arrays of numbers, and the NumPy files that hold them. Imports nothing of this project. */
@NullMarked
package dev.keralens.tensor;

import org.jspecify.annotations.NullMarked;
