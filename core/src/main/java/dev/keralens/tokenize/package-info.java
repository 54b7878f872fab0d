/**
 * Text as the numbers that models take: the tokenizers of KerasHub, read from a model's file or a
 * preset's folder, and lists of words.
 */
@NullMarked
package dev.keralens.tokenize;

import org.jspecify.annotations.NullMarked;
