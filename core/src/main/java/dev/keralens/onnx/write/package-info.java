/** Graphs as ONNX messages and files. */
@NullMarked
package dev.keralens.onnx.write;

import org.jspecify.annotations.NullMarked;
