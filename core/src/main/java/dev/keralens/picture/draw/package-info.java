/** Pictures that show maps: colour maps, overlays, contours, boxes and captioned grids. */
@NullMarked
package dev.keralens.picture.draw;

import org.jspecify.annotations.NullMarked;
