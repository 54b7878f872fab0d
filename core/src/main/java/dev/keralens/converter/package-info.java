/** A picture as the numbers that a task of KerasHub takes: its own preprocessor's settings. */
@NullMarked
package dev.keralens.converter;

import org.jspecify.annotations.NullMarked;
