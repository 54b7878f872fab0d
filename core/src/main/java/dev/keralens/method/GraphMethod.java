package dev.keralens.method;

import dev.keralens.graph.Value;
import java.util.List;

/** A method that is a formula: operators that are added to the network's graph. */
public interface GraphMethod extends Method {
  /**
   * {@return the values that the method wants the gradients of the units with respect to}
   *
   * @param scene the graph
   */
  List<Value> differentiated(Scene scene);

  /**
   * Adds the method's operators.
   *
   * @param scene the graph, with the gradients that were asked for
   * @return the maps: float (k * batch, spatial axes...), the units of an image one after another
   */
  Value maps(Scene scene);

  @Override
  default Routine prepare(Setting setting) {
    return GraphRoutine.prepare(List.of(new GraphRoutine.Part(this, setting)));
  }
}
