/** ONNX files as graphs. */
@NullMarked
package dev.keralens.onnx.read;

import org.jspecify.annotations.NullMarked;
