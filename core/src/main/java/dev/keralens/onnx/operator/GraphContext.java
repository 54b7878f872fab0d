package dev.keralens.onnx.operator;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import java.util.List;

/** The graph that is being read, as its nodes see it. */
public interface GraphContext {
  /** {@return the version of the operator set} */
  int version();

  /** {@return whether the batch has a fixed size in the file, and a free one in the graph} */
  boolean freesBatch();

  /** {@return the graph to add to} */
  GraphBuilder builder();

  /** {@return what brings numbers to the size of the batch} */
  BatchFill fill();

  /** {@return a value of the graph} */
  Value value(Known from);

  /**
   * {@return a constant of the file}
   *
   * @param tensor its message
   * @param name what it is called in messages to users
   */
  Constant constant(TensorProto tensor, String name);

  /** {@return what a graph inside a node gives; what it names is not seen outside} */
  List<Known> inline(GraphProto graph);
}
