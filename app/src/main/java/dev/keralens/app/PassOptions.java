package dev.keralens.app;

import dev.keralens.method.Baseline;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Method;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
          "The steps of integrated_gradients from the baseline to the input (default: 50).")
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
          "What stands for nothing in integrated_gradients, occlusion and rise: zero; black or"
              + " white, as the network gets such pixels; mean, that of each channel of the image;"
              + " blur, the image blurred; a number in units of the input after preprocessing; or a"
              + " file, a picture or a .npy array of one input (default: zero).")
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

  @Option(names = "--samples", paramLabel = "N", description = "The masks of rise (default: 4000).")
  private @Nullable Integer samples;

  /**
   * The methods with their options.
   *
   * @param seed the seed of what is random; null for the usual one
   * @param subject what is explained; null where it is not known yet, nor is the baseline
   * @throws UsageException if an option has no effect, or a value is not possible
   */
  List<Method> applied(List<Method> methods, @Nullable Long seed, @Nullable Subject subject)
      throws IOException {
    requireEffect(methods);
    Baseline from = baseline(subject);
    try {
      return methods.stream().map(method -> applied(method, seed, from)).toList();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private @Nullable Baseline baseline(@Nullable Subject subject) throws IOException {
    if (baseline == null) {
      return null;
    }
    BaselineChoice choice = new BaselineChoice(baseline);
    return subject == null ? choice.plain() : choice.of(subject);
  }

  private void requireEffect(List<Method> methods) {
    Map<String, List<Class<? extends Method>>> used = new LinkedHashMap<>();
    if (steps != null) {
      used.put("--steps", List.of(IntegratedGradients.class));
    }
    if (rule != null) {
      used.put("--rule", List.of(IntegratedGradients.class));
    }
    if (baseline != null) {
      used.put("--baseline", List.of(IntegratedGradients.class, Occlusion.class, Rise.class));
    }
    if (window != null) {
      used.put("--window", List.of(Occlusion.class));
    }
    if (stride != null) {
      used.put("--stride", List.of(Occlusion.class));
    }
    if (samples != null) {
      used.put("--samples", List.of(Rise.class));
    }
    used.forEach(
        (option, classes) -> {
          if (methods.stream().noneMatch(m -> classes.stream().anyMatch(c -> c.isInstance(m)))) {
            throw new UsageException(option + " has no effect on the methods that are asked for.");
          }
        });
  }

  private Method applied(Method method, @Nullable Long seed, @Nullable Baseline from) {
    if (method instanceof IntegratedGradients path) {
      IntegratedGradients stepped = steps == null ? path : path.steps(steps);
      stepped = rule == null ? stepped : stepped.rule(Choice.of(RULES, "rule", rule));
      return from == null ? stepped : stepped.baseline(from);
    } else if (method instanceof Occlusion occlusion) {
      Occlusion windows = window == null ? occlusion : occlusion.window(window);
      windows = stride == null ? windows : windows.stride(stride);
      return from == null ? windows : windows.baseline(from);
    } else if (method instanceof Rise rise) {
      Rise masks = samples == null ? rise : rise.masks(samples);
      masks = seed == null ? masks : masks.seed(seed);
      return from == null ? masks : masks.baseline(from);
    }
    return method;
  }
}
