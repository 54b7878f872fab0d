/** KerasHub's backbones and tasks for pictures: a class writes the layers of one family out. */
@NullMarked
package dev.keralens.keras.hub.image;

import org.jspecify.annotations.NullMarked;
