package dev.keralens.app;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Gradual;
import dev.keralens.explain.Method;
import dev.keralens.method.InPieces;
import dev.keralens.method.Superpixels;
import dev.keralens.tensor.Tensor;
import dev.keralens.tokenize.Sentence;
import org.jspecify.annotations.Nullable;

/**
 * Methods that hide words of a text. What the preprocessor adds is never hidden, and is one piece
 * without a value.
 */
final class HiddenWords {
  private final Baseline baseline;
  private final Superpixels pieces;
  private final Tensor hidden;

  /**
   * Of a text.
   *
   * @param standIn the number of the token that stands in for a word; null for the mask token, or
   *     padding
   */
  HiddenWords(Sentence sentence, @Nullable Integer standIn) {
    hidden = standIn == null ? sentence.hidden() : sentence.hidden(standIn);
    baseline = Baseline.of(hidden);
    float[] labels = new float[sentence.length()];
    int count = 1;
    for (int i = 0; i < sentence.tokens().size(); i++) {
      labels[sentence.place(i)] = sentence.tokens().get(i).special() ? 0 : count++;
    }
    pieces = Superpixels.given(Tensor.of(labels, labels.length));
  }

  /** The tokens' numbers with all words hidden, (1, length). */
  Tensor hidden() {
    return hidden;
  }

  /** A gradual method from the vectors of a text without its words, where it has a baseline. */
  static Method from(Method method, Tensor vectors) {
    return method instanceof FromBaseline path ? path.baseline(Baseline.of(vectors)) : method;
  }

  /** The method, hiding words where it hides something. */
  Method in(Method method) {
    if (method instanceof Gradual) {
      return method;
    }
    Method divided = method instanceof InPieces hiding ? hiding.superpixels(pieces) : method;
    return divided instanceof FromBaseline hiding ? hiding.baseline(baseline) : divided;
  }
}
