/** The operators of ONNX files: what each adds to the graph, and what is known beforehand. */
@NullMarked
package dev.keralens.onnx.operator;

import org.jspecify.annotations.NullMarked;
