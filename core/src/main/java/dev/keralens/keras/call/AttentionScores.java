package dev.keralens.keras.call;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;

/** What becomes of the scores of attention: those that do not count, and their softmax. */
public final class AttentionScores {
  /** What is taken from the scores of positions that do not count. */
  private static final float FAR = 1e9f;

  private AttentionScores() {}

  /** {@return (1, queries, keys): whether the key is not after the query} */
  public static Value causalMask(GraphBuilder graph, int queries, int keys) {
    float[] past = new float[Math.multiplyExact(queries, keys)];
    for (int i = 0; i < past.length; i++) {
      past[i] = i / keys >= i % keys ? 1 : 0;
    }
    return graph.cast(graph.constant(Tensor.of(past, 1, queries, keys)), ElementType.BOOL);
  }

  /** {@return scores that are far down where the mask is false} */
  public static Value masked(GraphBuilder graph, Value scores, Value mask) {
    Value ignored = graph.cast(graph.node(Op.NOT, mask), ElementType.FLOAT32);
    return graph.sub(scores, graph.mul(ignored, FAR));
  }

  public static Value softmax(GraphBuilder graph, Value scores) {
    return graph.node(Op.SOFTMAX, Attributes.of("axis", scores.rank() - 1), scores);
  }
}
