/** What messages need, whoever writes them. */
@NullMarked
package dev.keralens.text;

import org.jspecify.annotations.NullMarked;
