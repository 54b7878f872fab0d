/** Explanations as a stage of Spark ML's pipelines: one row in, one row out, no shuffle. */
@NullMarked
package dev.keralens.spark;

import org.jspecify.annotations.NullMarked;
