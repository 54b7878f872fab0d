package dev.keralens.filter;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A filter that ends in a Java function, which cannot be part of a graph. */
public final class TensorFilter implements Filter {
  private final Filter before;
  private final UnaryOperator<Tensor> function;

  TensorFilter(Filter before, UnaryOperator<Tensor> function) {
    this.before = before;
    this.function = function;
  }

  /** {@return the part before the function, which can be part of a graph} */
  public Filter before() {
    return before;
  }

  /** {@return what is applied to each map after that part} */
  public UnaryOperator<Tensor> function() {
    return function;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException always
   */
  @Override
  public Value apply(GraphBuilder builder, Value maps, int... axes) {
    throw new IllegalArgumentException(
        "A Java function of tensors can filter maps, but cannot be part of a method; write the"
            + " filter with the operators of GraphBuilder there.");
  }

  @Override
  public Filter then(Filter next) {
    return new TensorFilter(before, map -> next.apply(function.apply(map)));
  }

  @Override
  public Tensor apply(Tensor map) {
    return checked(before.apply(map));
  }

  private Tensor checked(Tensor map) {
    Tensor filtered = function.apply(map);
    if (!Arrays.equals(filtered.shape(), map.shape())) {
      throw new IllegalArgumentException(
          "A filter gives a map of the shape that it takes, %s, got %s."
              .formatted(Tensor.describe(map.shape()), Tensor.describe(filtered.shape())));
    }
    return filtered;
  }

  @Override
  public Tensor applyEach(Tensor maps) {
    int rank = maps.rank();
    int[] unitsSecond =
        IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == 1 ? rank - 1 : i - 1).toArray();
    int[] unitsLast =
        IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1).toArray();
    Tensor apart = before.applyEach(maps).transpose(unitsSecond);
    int[] shape = apart.shape();
    int[] one = Arrays.copyOfRange(shape, 2, rank);
    int size = Math.toIntExact(Tensor.elements(one));
    float[] all = apart.toFloatArray();
    for (int from = 0; from < all.length; from += size) {
      Tensor map = Tensor.of(Arrays.copyOfRange(all, from, from + size), one);
      Tensor filtered = checked(map);
      System.arraycopy(filtered.toFloatArray(), 0, all, from, size);
    }
    return Tensor.of(all, shape).transpose(unitsLast);
  }
}
