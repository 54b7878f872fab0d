package dev.keralens.filter;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A function of maps, each map by itself.
 *
 * <p>A filter is made of operators, which become part of the explainer's graph. One of the user's
 * own is a lambda expression, such as {@code (b, maps, axes) -> b.relu(maps)}; or any function of a
 * tensor, by {@link #of}.
 */
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
   * {@return a filter that runs a Java function on each map, after the network and before the maps
   * are resized}
   *
   * @param function takes one map, float (height, width) or as many spatial axes as the method
   *     gives, and returns one of the same shape; called on the thread that explains
   */
  static Filter of(UnaryOperator<Tensor> function) {
    return new TensorFilter(Filters::none, function);
  }

  /**
   * {@return this filter followed by another}
   *
   * @param next the filter that is applied to the result
   */
  default Filter then(Filter next) {
    return next instanceof TensorFilter function
        ? new TensorFilter(then(function.before()), function.function())
        : (builder, maps, axes) -> next.apply(builder, apply(builder, maps, axes), axes);
  }

  /**
   * Filters a map that is at hand.
   *
   * @param map float, of any shape: all its axes span the one map
   * @return the filtered map, of the same shape
   */
  default Tensor apply(Tensor map) {
    return applyEach(map.reshape(1, -1, 1)).reshape(map.shape());
  }

  /**
   * Filters maps that are at hand, each by itself.
   *
   * @param maps float (images, spatial axes..., k), as an explanation has them
   * @return the filtered maps, of the same shape
   */
  default Tensor applyEach(Tensor maps) {
    int[] sizes = maps.shape();
    sizes[0] = Shape.BATCH;
    GraphBuilder builder = new GraphBuilder();
    Value input = builder.input("maps", ElementType.FLOAT32, Shape.of(sizes));
    Value filtered = apply(builder, input, IntStream.range(1, sizes.length - 1).toArray());
    try (CompiledGraph graph = CompiledGraph.compile(builder.build(List.of(filtered)))) {
      return graph.run(List.of(maps)).get(0);
    }
  }
}
