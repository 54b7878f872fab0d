/** The attention of transformers: which tokens see one another, and where they lie in pictures. */
@org.jspecify.annotations.NullMarked
package dev.keralens.inspect.attention;
