/** Files that are written whole or not at all. */
@NullMarked
package dev.keralens.file;

import org.jspecify.annotations.NullMarked;
