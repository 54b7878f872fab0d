/**
 * Compiles graphs and runs them. The only package that imports ONNX Runtime; every native resource
 * lives and ends here.
 */
@NullMarked
package dev.keralens.runtime.engine;

import org.jspecify.annotations.NullMarked;
