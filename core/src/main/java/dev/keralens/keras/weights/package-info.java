/** Which weights each layer holds, and where a file has them. */
@NullMarked
package dev.keralens.keras.weights;

import org.jspecify.annotations.NullMarked;
