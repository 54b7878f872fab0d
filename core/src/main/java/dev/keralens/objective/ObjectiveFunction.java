package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import java.util.List;

/** An objective of the user's own: numbers that are made of a model's outputs. */
@FunctionalInterface
public interface ObjectiveFunction {
  /**
   * Adds operators to the graph.
   *
   * @param b the builder of the graph
   * @param outputs the model's outputs, in order, with the axes that the model gives them
   * @return the units: (batch, unit), or (batch) for one; what they depend on is differentiated
   */
  Value apply(GraphBuilder b, List<Value> outputs);
}
