/** WebP files as samples: lossy and lossless ones, and the first frames of animations. */
@NullMarked
package dev.keralens.picture.webp;

import org.jspecify.annotations.NullMarked;
