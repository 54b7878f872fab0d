package dev.keralens.app;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Method;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Seeded;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.Methods;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options of methods that run the network several times; each means the same wherever it applies.
 */
final class PassOptions {
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
              + " drise, lime and kernelshap: zero; black or white, as the network gets such"
              + " pixels; mean, that of each channel of the image; blur, the image blurred; a"
              + " number in units of the input after preprocessing; or a file, a picture or a .npy"
              + " array of one input (default: zero). For tables, a file of one row, or of several,"
              + " whose mean is taken; for --text, the number of the token that stands in for a"
              + " hidden word (default: the mask token, or padding). For expected_gradients, a"
              + " folder of pictures or an array of several inputs (default: noise).")
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
          "The masks of rise (default: 4000) and drise (5000), the samples of lime and kernelshap"
              + " (1000), the baselines of expected_gradients (100).")
  private @Nullable Integer samples;

  @Option(
      names = "--pieces",
      paramLabel = "N",
      description =
          "Into how many pieces lime and kernelshap divide the input, about (default: 50).")
  private @Nullable Integer pieces;

  @Option(
      names = "--max-channels",
      paramLabel = "N",
      description =
          "Let scorecam mask with the N channels of the highest variance only. Default: all.")
  private @Nullable Integer maxChannels;

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
      List<Method> set = methods;
      for (Map.Entry<String, String> option : given().entrySet()) {
        set = applied(option.getKey(), option.getValue(), set);
      }
      if (seed != null) {
        // It does not have to have an effect: a seed is for what goes around methods, too.
        set = set.stream().map(m -> m instanceof Seeded drawing ? drawing.seed(seed) : m).toList();
      }
      return baseline == null ? set : fromBaseline(set, baseline, subject);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The options of methods that were given, as they were. */
  private Map<String, String> given() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("steps", steps);
    all.put("rule", rule);
    all.put("window", window);
    all.put("stride", stride);
    all.put("samples", samples);
    all.put("pieces", pieces);
    all.put("max-channels", maxChannels);
    Map<String, String> given = new LinkedHashMap<>();
    all.forEach(
        (name, value) -> {
          if (value != null) {
            given.put(name, value.toString());
          }
        });
    return given;
  }

  private static List<Method> applied(String name, String value, List<Method> methods) {
    requireEffect(name, methods, method -> method.option(name).isPresent());
    return methods.stream()
        .map(method -> method.option(name).map(option -> with(option, value)).orElse(method))
        .toList();
  }

  private static Method with(MethodOption option, String value) {
    Map<String, String> choices = new LinkedHashMap<>();
    option.choices().forEach(choice -> choices.put(choice, choice));
    return option.with(choices.isEmpty() ? value : Choice.of(choices, option.name(), value));
  }

  private static void requireEffect(String name, List<Method> methods, Predicate<Method> has) {
    if (methods.stream().noneMatch(has)) {
      throw new UsageException(
          "--%s has no effect on the methods that are asked for; it is of %s."
              .formatted(name, names(has)));
    }
  }

  /** The names of all methods that have something. */
  static String names(Predicate<Method> has) {
    return String.join(
        ", ",
        Methods.byNames().values().stream()
            .filter(row -> has.test(row.create()))
            .map(Methods.Row::name)
            .toList());
  }

  /** Whether a method draws something at random. */
  static boolean isRandom(Method method) {
    return method instanceof Seeded;
  }

  private static List<Method> fromBaseline(
      List<Method> methods, String baseline, @Nullable Subject subject) throws IOException {
    BaselineChoice choice = new BaselineChoice(baseline);
    boolean several = methods.stream().anyMatch(ExpectedGradients.class::isInstance);
    boolean one = methods.stream().anyMatch(FromBaseline.class::isInstance);
    requireEffect(
        "baseline", methods, m -> m instanceof FromBaseline || m instanceof ExpectedGradients);
    Tensor rows = several && subject != null ? choice.several(subject) : null;
    Baseline from = !one ? null : subject == null ? choice.plain() : choice.of(subject);
    List<Method> set = new ArrayList<>();
    for (Method method : methods) {
      if (rows != null && method instanceof ExpectedGradients expected) {
        set.add(expected.baselines(rows));
      } else if (from != null && method instanceof FromBaseline comparing) {
        set.add(comparing.baseline(from));
      } else {
        set.add(method);
      }
    }
    return set;
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
}
