package dev.keralens.app;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.method.DeepLift;
import dev.keralens.method.GuidedIg;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.Smooth;
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

  /** Whether a method changes its input little by little, and so needs the words' vectors. */
  static boolean changesVectors(Method method) {
    return method instanceof DeepLift
        || method instanceof GuidedIg
        || method instanceof IntegratedGradients
        || method instanceof Smooth;
  }

  /** Such a method from the vectors of a text without its words, where it has a baseline. */
  static Method from(Method method, Tensor vectors) {
    if (method instanceof IntegratedGradients path) {
      return path.baseline(Baseline.of(vectors));
    } else if (method instanceof GuidedIg path) {
      return path.baseline(Baseline.of(vectors));
    } else if (method instanceof DeepLift rescaled) {
      return rescaled.baseline(Baseline.of(vectors));
    }
    return method;
  }

  /** The method, hiding words where it hides something. */
  Method in(Method method) {
    if (method instanceof Occlusion occlusion) {
      return occlusion.baseline(baseline);
    } else if (method instanceof Rise rise) {
      return rise.baseline(baseline);
    } else if (method instanceof Lime lime) {
      return lime.superpixels(pieces).baseline(baseline);
    } else if (method instanceof KernelShap shap) {
      return shap.superpixels(pieces).baseline(baseline);
    }
    return method;
  }
}
