/** What methods compute in Java: pieces of pictures, components, least squares. */
@NullMarked
package dev.keralens.method.numeric;

import org.jspecify.annotations.NullMarked;
