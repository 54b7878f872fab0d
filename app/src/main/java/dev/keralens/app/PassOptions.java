package dev.keralens.app;

import dev.keralens.explain.Method;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
          "The steps of integrated_gradients from the baseline to the input (default: 50).")
  private @Nullable Integer steps;

  @Option(
      names = "--baseline",
      paramLabel = "VALUE",
      description =
          "What stands for nothing in integrated_gradients, occlusion and rise, in units of the"
              + " input after preprocessing (default: 0).")
  private @Nullable Float baseline;

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
   * @throws UsageException if an option has no effect, or a value is not possible
   */
  List<Method> applied(List<Method> methods, @Nullable Long seed) {
    requireEffect(methods);
    try {
      return methods.stream().map(method -> applied(method, seed)).toList();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private void requireEffect(List<Method> methods) {
    Map<String, List<Class<? extends Method>>> used = new LinkedHashMap<>();
    if (steps != null) {
      used.put("--steps", List.of(IntegratedGradients.class));
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

  private Method applied(Method method, @Nullable Long seed) {
    if (method instanceof IntegratedGradients path) {
      IntegratedGradients stepped = steps == null ? path : path.steps(steps);
      return baseline == null ? stepped : stepped.baseline(baseline);
    } else if (method instanceof Occlusion occlusion) {
      Occlusion windows = window == null ? occlusion : occlusion.window(window);
      windows = stride == null ? windows : windows.stride(stride);
      return baseline == null ? windows : windows.baseline(baseline);
    } else if (method instanceof Rise rise) {
      Rise masks = samples == null ? rise : rise.masks(samples);
      masks = seed == null ? masks : masks.seed(seed);
      return baseline == null ? masks : masks.baseline(baseline);
    }
    return method;
  }
}
