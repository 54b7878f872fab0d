package dev.keralens.app;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.method.BlurIg;
import dev.keralens.method.DRise;
import dev.keralens.method.DeepLift;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.GuidedIg;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.Seeded;
import dev.keralens.method.Superpixels;
import dev.keralens.method.Xrai;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of methods that run the network several times; each means the same wherever it applies.
 */
final class PassOptions {
  private static final Map<String, IntegratedGradients.Rule> RULES =
      Arrays.stream(IntegratedGradients.Rule.values())
          .collect(
              Collectors.toMap(
                  rule -> rule.name().toLowerCase(Locale.ROOT),
                  rule -> rule,
                  (one, other) -> one,
                  LinkedHashMap::new));

  @Option(
      names = "--steps",
      paramLabel = "N",
      description =
          "The steps from the baseline to the input: of integrated_gradients (default: 50),"
              + " guided_ig (200), blur_ig and xrai (100).")
  private @Nullable Integer steps;

  @Option(
      names = "--rule",
      paramLabel = "NAME",
      description =
          "How integrated_gradients places its steps: gauss, riemann_middle or trapezoid (default:"
              + " gauss).")
  private @Nullable String rule;

  @Option(
      names = "--baseline",
      paramLabel = "NAME|NUMBER|FILE",
      description =
          "What stands for nothing in integrated_gradients, guided_ig, deeplift, occlusion, rise,"
              + " lime and kernelshap: zero; black or white, as the network gets such pixels; mean,"
              + " that of each channel of the image; blur, the image blurred; a number in units of"
              + " the input after preprocessing; or a file, a picture or a .npy array of one input"
              + " (default: zero). For tables, a file of one row, or of several, whose mean is"
              + " taken; for --text, the number of the token that stands in for a hidden word"
              + " (default: the mask token, or padding). For expected_gradients, a folder of"
              + " pictures or an array of several inputs (default: noise).")
  private @Nullable String baseline;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "The side of occlusion's windows, in pixels of the input (default: a seventh).")
  private @Nullable Integer window;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "How far apart occlusion's windows begin (default: half a window).")
  private @Nullable Integer stride;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "The masks of rise (default: 4000), the samples of lime and kernelshap (1000), the"
              + " baselines of expected_gradients (100).")
  private @Nullable Integer samples;

  @Option(
      names = "--pieces",
      paramLabel = "N",
      description =
          "Into how many pieces lime and kernelshap divide the input, about (default: 50).")
  private @Nullable Integer pieces;

  /**
   * What an option does to a kind of methods.
   *
   * @param name the option
   * @param type the kind
   * @param change gives the method with the option's value
   */
  private record Change(String name, Class<? extends Method> type, UnaryOperator<Method> change) {
    static <M extends Method> Change of(String name, Class<M> type, Function<M, Method> change) {
      return new Change(name, type, method -> change.apply(type.cast(method)));
    }
  }

  /**
   * The methods with their options.
   *
   * @param seed the seed of what is random; null for the usual one
   * @param subject what is explained; null where it is not known yet, nor is the baseline
   * @throws UsageException if an option has no effect, or a value is not possible
   */
  List<Method> applied(List<Method> methods, @Nullable Long seed, @Nullable Subject subject)
      throws IOException {
    try {
      List<Change> changes = changes(seed, subject, methods);
      requireEffect(changes, methods);
      return methods.stream().map(method -> applied(changes, method)).toList();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Method applied(List<Change> changes, Method method) {
    Method changed = method;
    for (Change change : changes) {
      if (change.type().isInstance(changed)) {
        changed = change.change().apply(changed);
      }
    }
    return changed;
  }

  private static void requireEffect(List<Change> changes, List<Method> methods) {
    Set<String> without = new LinkedHashSet<>();
    changes.forEach(change -> without.add(change.name()));
    for (Change change : changes) {
      if (methods.stream().anyMatch(change.type()::isInstance)) {
        without.remove(change.name());
      }
    }
    for (String name : without) {
      throw new UsageException(name + " has no effect on the methods that are asked for.");
    }
  }

  /** Whether a method draws something at random. */
  static boolean isRandom(Method method) {
    return method instanceof Seeded;
  }

  /** The table: what each option that was given does to each kind of method. */
  private List<Change> changes(@Nullable Long seed, @Nullable Subject subject, List<Method> methods)
      throws IOException {
    List<Change> all = new ArrayList<>();
    if (steps != null) {
      int n = steps;
      all.add(Change.of("--steps", IntegratedGradients.class, m -> m.steps(n)));
      all.add(Change.of("--steps", GuidedIg.class, m -> m.steps(n)));
      all.add(Change.of("--steps", BlurIg.class, m -> m.steps(n)));
      all.add(Change.of("--steps", Xrai.class, m -> m.steps(n)));
    }
    if (rule != null) {
      IntegratedGradients.Rule chosen = Choice.of(RULES, "rule", rule);
      all.add(Change.of("--rule", IntegratedGradients.class, m -> m.rule(chosen)));
    }
    if (window != null) {
      int n = window;
      all.add(Change.of("--window", Occlusion.class, m -> m.window(n)));
    }
    if (stride != null) {
      int n = stride;
      all.add(Change.of("--stride", Occlusion.class, m -> m.stride(n)));
    }
    if (samples != null) {
      int n = samples;
      all.add(Change.of("--samples", Rise.class, m -> m.masks(n)));
      all.add(Change.of("--samples", DRise.class, m -> m.masks(n)));
      all.add(Change.of("--samples", ExpectedGradients.class, m -> m.samples(n)));
      all.add(Change.of("--samples", Lime.class, m -> m.samples(n)));
      all.add(Change.of("--samples", KernelShap.class, m -> m.samples(n)));
    }
    if (pieces != null) {
      Superpixels divided = Superpixels.slic(pieces);
      all.add(Change.of("--pieces", Lime.class, m -> m.superpixels(divided)));
      all.add(Change.of("--pieces", KernelShap.class, m -> m.superpixels(divided)));
    }
    if (seed != null) {
      // It does not have to have an effect: a seed is for what goes around methods, too.
      long number = seed;
      all.add(
          Change.of(
              "--seed", Method.class, m -> m instanceof Seeded drawing ? drawing.seed(number) : m));
    }
    if (baseline != null) {
      all.addAll(baselines(subject, methods));
    }
    return all;
  }

  private List<Change> baselines(@Nullable Subject subject, List<Method> methods)
      throws IOException {
    List<Change> all = new ArrayList<>();
    BaselineChoice choice = new BaselineChoice(String.valueOf(baseline));
    boolean expected = methods.stream().anyMatch(ExpectedGradients.class::isInstance);
    boolean others = methods.stream().anyMatch(PassOptions::takesBaseline);
    if (expected) {
      Tensor rows = subject == null ? null : choice.several(subject);
      all.add(
          Change.of(
              "--baseline", ExpectedGradients.class, m -> rows == null ? m : m.baselines(rows)));
    }
    Baseline from = others ? baseline(subject) : null;
    all.add(baseline(IntegratedGradients.class, from, IntegratedGradients::baseline));
    all.add(baseline(GuidedIg.class, from, GuidedIg::baseline));
    all.add(baseline(DeepLift.class, from, DeepLift::baseline));
    all.add(baseline(Occlusion.class, from, Occlusion::baseline));
    all.add(baseline(Rise.class, from, Rise::baseline));
    all.add(baseline(DRise.class, from, DRise::baseline));
    all.add(baseline(Lime.class, from, Lime::baseline));
    all.add(baseline(KernelShap.class, from, KernelShap::baseline));
    return all;
  }

  private static boolean takesBaseline(Method method) {
    return method instanceof IntegratedGradients
        || method instanceof GuidedIg
        || method instanceof DeepLift
        || method instanceof Occlusion
        || method instanceof Rise
        || method instanceof DRise
        || method instanceof Lime
        || method instanceof KernelShap;
  }

  private static <M extends Method> Change baseline(
      Class<M> type, @Nullable Baseline from, BiFunction<M, Baseline, Method> change) {
    return Change.of("--baseline", type, m -> from == null ? m : change.apply(m, from));
  }

  /**
   * Refuses a baseline that is made of pictures, where there are none.
   *
   * @throws UsageException if it is one
   */
  void requirePlainBaseline() {
    if (baseline != null && new BaselineChoice(baseline).plain() == null) {
      throw new UsageException(
          "--baseline %s is known with the input only; an exported file takes zero, mean, blur or a number."
              .formatted(baseline));
    }
  }

  /**
   * The token that stands in for a hidden word, by its number; null where none is named.
   *
   * @throws UsageException if the baseline is no such number
   */
  @Nullable Integer standIn() {
    if (baseline == null) {
      return null;
    }
    if (!baseline.strip().matches("\\d{1,9}")) {
      throw new UsageException(
          "--baseline %s: of a text, it is the number of the token that stands in for a hidden word."
              .formatted(baseline));
    }
    return Integer.valueOf(baseline.strip());
  }

  private @Nullable Baseline baseline(@Nullable Subject subject) throws IOException {
    if (baseline == null) {
      return null;
    }
    BaselineChoice choice = new BaselineChoice(baseline);
    return subject == null ? choice.plain() : choice.of(subject);
  }
}
