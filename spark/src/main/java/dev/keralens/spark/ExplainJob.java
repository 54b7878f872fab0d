package dev.keralens.spark;

import dev.keralens.Units;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Method;
import dev.keralens.explain.Seeded;
import dev.keralens.method.Methods;
import dev.keralens.method.Smooth;
import dev.keralens.text.ClosestName;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** What a stage's parameters say, checked. */
record ExplainJob(
    String modelPath,
    String method,
    int smooth,
    String layer,
    List<Integer> units,
    int topK,
    List<String> labels,
    int batchSize,
    String device,
    String preprocess,
    String output,
    String onError,
    long seed)
    implements Serializable {
  static final String AUTO = "auto";
  private static final String OVERLAY = "overlay";

  ExplainJob {
    units = List.copyOf(units);
    labels = List.copyOf(labels);
    require(Methods.byNames().keySet(), "method", method);
    require(List.of("maps", OVERLAY), "output", output);
    require(List.of("fail", "null"), "onError", onError);
    if (!preprocess.equals(AUTO) && Preprocessing.named(preprocess).isEmpty()) {
      throw new IllegalArgumentException("There is no preprocess '" + preprocess + "'.");
    }
    if (topK < 1 || batchSize < 1 || smooth < 0) {
      throw new IllegalArgumentException(
          "topK and batchSize are at least 1, smooth is not negative; got %d, %d, %d."
              .formatted(topK, batchSize, smooth));
    }
  }

  private static void require(Collection<String> known, String what, String given) {
    if (!known.contains(given)) {
      String closest =
          ClosestName.among(known, given).map(name -> " Did you mean '" + name + "'?").orElse("");
      throw new IllegalArgumentException(
          "There is no %s '%s'.%s Known: %s."
              .formatted(what, given, closest, String.join(", ", known)));
    }
  }

  /** The method with its settings. */
  Method create() {
    Method plain = Objects.requireNonNull(Methods.byNames().get(method)).create();
    if (plain instanceof Seeded drawing) {
      plain = drawing.seed(seed);
    }
    return smooth == 0 ? plain : Smooth.of(plain).repetitions(smooth).seed(seed);
  }

  /** Which units are explained. */
  Units explained() {
    return units.isEmpty()
        ? Units.top(topK)
        : Units.of(units.stream().mapToInt(Integer::intValue).toArray());
  }

  boolean givesOverlays() {
    return output.equals(OVERLAY);
  }

  boolean failsAtErrors() {
    return onError.equals("fail");
  }

  /** What explainers have in common that can be shared: all but units, labels and output. */
  String sharedKey() {
    return String.join("\n", method, "" + smooth, layer, "" + batchSize, "" + seed);
  }

  /** What a unit is called; empty where it has no name. */
  String label(int unit) {
    return unit < labels.size() ? labels.get(unit) : "";
  }
}
