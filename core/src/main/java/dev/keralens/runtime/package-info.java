/** How graphs are compiled and run: devices, precision, threads. */
@NullMarked
package dev.keralens.runtime;

import org.jspecify.annotations.NullMarked;
