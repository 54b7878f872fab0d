/** What figures are painted on. */
@NullMarked
package dev.keralens.picture.figure;

import org.jspecify.annotations.NullMarked;
