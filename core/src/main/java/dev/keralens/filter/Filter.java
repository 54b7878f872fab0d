package dev.keralens.filter;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;

/** A function of maps, as operators of a graph; each map by itself. */
@FunctionalInterface
public interface Filter {
  /**
   * Adds the filter's operators to a graph.
   *
   * @param builder the graph's builder
   * @param maps the maps, float, of any shape
   * @param axes the axes that span one map, counted from 0; none of them is the batch's
   * @return the filtered maps, of the same shape
   */
  Value apply(GraphBuilder builder, Value maps, int... axes);

  /**
   * {@return this filter followed by another}
   *
   * @param next the filter that is applied to the result
   */
  default Filter then(Filter next) {
    return (builder, maps, axes) -> next.apply(builder, apply(builder, maps, axes), axes);
  }
}
