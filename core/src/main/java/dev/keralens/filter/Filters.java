package dev.keralens.filter;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The filters by name. A map that a filter leaves constant becomes zero everywhere, never NaN.
 *
 * <p>To add one: a method here and a row in {@link #BY_NAME}; its test in {@code FiltersTest}.
 */
public final class Filters {
  private static final Map<String, Filter> BY_NAME = byName();

  private Filters() {}

  private static Map<String, Filter> byName() {
    Map<String, Filter> filters = new LinkedHashMap<>();
    filters.put("none", Filters::none);
    filters.put("normalize", Filters::normalize);
    filters.put("positive", Filters::positive);
    filters.put("negative", Filters::negative);
    filters.put("absolute", Filters::absolute);
    filters.put("positive_normalize", Filters::positiveNormalize);
    filters.put("negative_normalize", Filters::negativeNormalize);
    filters.put("absolute_normalize", Filters::absoluteNormalize);
    return Collections.unmodifiableMap(filters);
  }

  /** {@return all filters by the names that the Python library gives them} */
  public static Map<String, Filter> byNames() {
    return BY_NAME;
  }

  /**
   * Leaves the maps as they are.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return {@code maps}
   */
  public static Value none(GraphBuilder builder, Value maps, int... axes) {
    return maps;
  }

  /**
   * Scales each map to [0, 1]: (x - min x) / (max x - min x).
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value normalize(GraphBuilder builder, Value maps, int... axes) {
    Value low = builder.reduce(Op.REDUCE_MIN, maps, true, axes);
    return overMaximum(builder, builder.sub(maps, low), axes);
  }

  private static Value overMaximum(GraphBuilder builder, Value maps, int... axes) {
    Value high = builder.reduce(Op.REDUCE_MAX, maps, true, axes);
    Value empty = builder.node(Op.EQUAL, high, builder.scalar(0));
    return builder.div(maps, builder.where(empty, builder.scalar(1), high));
  }

  /**
   * Keeps what speaks for the unit: max(x, 0).
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value positive(GraphBuilder builder, Value maps, int... axes) {
    return builder.relu(maps);
  }

  /**
   * Keeps what speaks against the unit: min(x, 0).
   *
   * <p>Differs from keras-explainable: there, the positive part is returned.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps, none of whose elements is positive
   */
  public static Value negative(GraphBuilder builder, Value maps, int... axes) {
    return builder.min(maps, builder.scalar(0));
  }

  /**
   * Takes sizes without signs: |x|.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value absolute(GraphBuilder builder, Value maps, int... axes) {
    return builder.abs(maps);
  }

  /**
   * {@link #positive}, then {@link #normalize}.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value positiveNormalize(GraphBuilder builder, Value maps, int... axes) {
    return normalize(builder, positive(builder, maps, axes), axes);
  }

  /**
   * Scales the size of the negative part to [0, 1]: {@link #normalize} of max(-x, 0).
   *
   * <p>Differs from keras-explainable: there, it is the positive part.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value negativeNormalize(GraphBuilder builder, Value maps, int... axes) {
    return positiveNormalize(builder, builder.neg(maps), axes);
  }

  /**
   * {@link #absolute}, then {@link #normalize}.
   *
   * @param builder the graph's builder
   * @param maps the maps
   * @param axes the axes that span one map
   * @return the filtered maps
   */
  public static Value absoluteNormalize(GraphBuilder builder, Value maps, int... axes) {
    return normalize(builder, absolute(builder, maps, axes), axes);
  }
}
