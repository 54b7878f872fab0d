/** ONNX files: from graphs, and to graphs. */
@NullMarked
package dev.keralens.onnx;

import org.jspecify.annotations.NullMarked;
