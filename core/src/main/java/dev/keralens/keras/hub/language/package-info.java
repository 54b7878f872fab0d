/** The layers of KerasHub's networks for words and sound. */
@NullMarked
package dev.keralens.keras.hub.language;

import org.jspecify.annotations.NullMarked;
