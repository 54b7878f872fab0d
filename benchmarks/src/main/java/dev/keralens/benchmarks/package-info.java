/** The Java side of the comparison with Python, and JMH benchmarks of the parts. */
@NullMarked
package dev.keralens.benchmarks;

import org.jspecify.annotations.NullMarked;
