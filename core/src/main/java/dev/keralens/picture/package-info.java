/**
 * Pictures in and out: reading photos as Keras does, colour maps, overlays, contours, boxes and
 * captioned grids.
 */
@NullMarked
package dev.keralens.picture;

import org.jspecify.annotations.NullMarked;
