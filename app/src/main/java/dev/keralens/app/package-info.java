/** The command line. */
@NullMarked
package dev.keralens.app;

import org.jspecify.annotations.NullMarked;
