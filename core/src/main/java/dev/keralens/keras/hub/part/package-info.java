/** What the layers of KerasHub that hold layers are written with. */
@NullMarked
package dev.keralens.keras.hub.part;

import org.jspecify.annotations.NullMarked;
