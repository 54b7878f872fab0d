package dev.keralens.keras.hub.part;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Attention in several heads: (.., tokens, features), any axes before them. */
public final class Attention {
  private Attention() {}

  /** {@return (.., tokens, features) as (.., heads, tokens, size)} */
  public static Value split(Block b, Value x, int heads) {
    int rank = x.rank();
    int[] sizes = Arrays.copyOf(x.shape().sizes(), rank + 1);
    if (heads < 1 || sizes[rank - 1] % heads != 0) {
      throw new IllegalArgumentException(
          "%d features do not divide into %d heads.".formatted(sizes[rank - 1], heads));
    }
    sizes[rank] = sizes[rank - 1] / heads;
    sizes[rank - 1] = heads;
    return b.graph().transpose(b.graph().reshape(x, Shape.of(sizes)), swapped(rank + 1));
  }

  /** {@return (.., heads, tokens, size) as (.., tokens, features)} */
  public static Value join(Block b, Value x) {
    int rank = x.rank();
    Value tokens = b.graph().transpose(x, swapped(rank));
    int[] sizes = Arrays.copyOf(tokens.shape().sizes(), rank - 1);
    sizes[rank - 2] *= tokens.shape().size(rank - 1);
    return b.graph().reshape(tokens, Shape.of(sizes));
  }

  /** The two axes before the last change places. */
  private static int[] swapped(int rank) {
    int[] axes = IntStream.range(0, rank).toArray();
    axes[rank - 3] = rank - 2;
    axes[rank - 2] = rank - 3;
    return axes;
  }

  /**
   * {@return what the queries read: softmax(scale q k + bias) v}
   *
   * @param q (.., queries, size)
   * @param k (.., keys, size)
   * @param v (.., keys, size)
   * @param bias what is added to the scores, or null
   */
  public static Value read(Block b, Value q, Value k, Value v, double scale, @Nullable Value bias) {
    GraphBuilder graph = b.graph();
    int[] axes = IntStream.range(0, k.rank()).toArray();
    axes[k.rank() - 1] = k.rank() - 2;
    axes[k.rank() - 2] = k.rank() - 1;
    Value scores = graph.matMul(graph.mul(q, scale), graph.transpose(k, axes));
    Value biased = bias == null ? scores : graph.add(scores, bias);
    return graph.matMul(b.softmax(biased), v);
  }
}
