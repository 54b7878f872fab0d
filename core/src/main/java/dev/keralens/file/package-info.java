/** Files that are written whole or not at all, and files that are read as they were at first. */
@NullMarked
package dev.keralens.file;

import org.jspecify.annotations.NullMarked;
