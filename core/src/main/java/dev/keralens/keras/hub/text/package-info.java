/** KerasHub's models for words, for sound, and for words with pictures. */
@NullMarked
package dev.keralens.keras.hub.text;

import org.jspecify.annotations.NullMarked;
