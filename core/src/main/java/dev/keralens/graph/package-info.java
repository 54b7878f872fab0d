/**
 * The one intermediate representation: graphs of ONNX operators, with the shape of every value.
 *
 * <p>Graphs are immutable. A {@link dev.keralens.graph.GraphBuilder} makes one, or takes one and
 * adds to it. Every size but the batch's is known while a graph is built, so a wrong shape is an
 * error where the operator is added, not where the graph runs.
 */
@NullMarked
package dev.keralens.graph;

import org.jspecify.annotations.NullMarked;
