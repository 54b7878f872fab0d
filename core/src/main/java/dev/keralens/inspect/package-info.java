/** Finds layers and values of a network: what is explained, and with respect to what. */
@NullMarked
package dev.keralens.inspect;

import org.jspecify.annotations.NullMarked;
