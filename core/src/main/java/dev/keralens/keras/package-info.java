/**
 * What a builder of layers is written with: the call, its arguments and weights, and the registry
 * of classes of users' own.
 *
 * <p>Experimental: this package may change with any release.
 */
@NullMarked
package dev.keralens.keras;

import org.jspecify.annotations.NullMarked;
