/** The arguments of KerasHub's constructors, and what takes them: backbones and tasks. */
@NullMarked
package dev.keralens.keras.hub.argument;

import org.jspecify.annotations.NullMarked;
