/** Recurrent layers and their cells. */
@NullMarked
package dev.keralens.keras.recurrent;

import org.jspecify.annotations.NullMarked;
