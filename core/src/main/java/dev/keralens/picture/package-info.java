/** Pictures in and out: reading photos as Keras does, and writing pictures. */
@NullMarked
package dev.keralens.picture;

import org.jspecify.annotations.NullMarked;
