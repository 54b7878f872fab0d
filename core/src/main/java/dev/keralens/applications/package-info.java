/**
 * The networks of {@code keras.applications} by name: their layers, their published weights, their
 * preprocessing, and the names of their classes.
 */
@NullMarked
package dev.keralens.applications;

import org.jspecify.annotations.NullMarked;
