/**
 * What a method of explanation is, and what it may ask of the network. Methods of your own are
 * written with it.
 */
@NullMarked
package dev.keralens.explain;

import org.jspecify.annotations.NullMarked;
