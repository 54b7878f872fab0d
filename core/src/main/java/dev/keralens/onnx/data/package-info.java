/** The constants of ONNX files, where they lie. */
@NullMarked
package dev.keralens.onnx.data;

import org.jspecify.annotations.NullMarked;
