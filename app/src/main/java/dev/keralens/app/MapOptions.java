package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Resize;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.picture.ColorMap;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of the maps: layer, filter, size, colours. */
final class MapOptions {
  /** Filters whose maps have values below zero. */
  private static final Set<String> SIGNED = Set.of("none", "negative");

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description =
          "The layer whose activation CAM methods explain. Default: what goes into the last global"
              + " pooling or Flatten; see 'keralens inspect'.")
  private @Nullable String layer;

  @Option(
      names = "--of-output",
      description =
          "Explain the model's output itself, not the logits before its final softmax or sigmoid.")
  private boolean ofOutput;

  @Option(
      names = "--filter",
      paramLabel = "NAME",
      description =
          "What is applied to each map: none, normalize, positive, negative, absolute,"
              + " positive_normalize, negative_normalize, absolute_normalize. Default: what is usual"
              + " for the method.")
  private @Nullable String filter;

  @Option(
      names = "--resize",
      paramLabel = "SIZE",
      defaultValue = "input",
      description =
          "The size of the maps: input, none (the method's own) or HxW (default:"
              + " ${DEFAULT-VALUE}).")
  private String resize = "input";

  @Option(
      names = "--colormap",
      paramLabel = "NAME",
      description =
          "The colours: jet, turbo, viridis, inferno, magma, gray, coolwarm, seismic. Default: jet"
              + " over the picture, inferno for maps of pixels, coolwarm for values below zero.")
  private @Nullable String colorMap;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "0.65",
      description = "How much the strongest colour hides, 0 to 1 (default: ${DEFAULT-VALUE}).")
  private double alpha;

  @Nullable String layer() {
    return layer;
  }

  boolean ofOutput() {
    return ofOutput;
  }

  /** How the explainer works. */
  ExplainOptions explainOptions() {
    return ExplainOptions.defaults()
        .withLayer(layer)
        .withOfOutput(ofOutput)
        .withFilter(filter())
        .withResize(resize());
  }

  private @Nullable Filter filter() {
    return filter == null ? null : Choice.of(Filters.byNames(), "filter", filter);
  }

  private Resize resize() {
    return switch (resize.toLowerCase(Locale.ROOT)) {
      case "input" -> Resize.toInput();
      case "none" -> Resize.none();
      default -> {
        if (!resize.contains("x")) {
          throw new UsageException(
              "--resize takes input, none or height x width such as 224x224, got '%s'."
                  .formatted(resize));
        }
        Size size = Size.of("--resize", resize);
        yield Resize.to(size.height(), size.width());
      }
    };
  }

  /** How maps are drawn. */
  Rendering rendering() {
    if (colorMap != null && !ColorMap.names().contains(colorMap.toLowerCase(Locale.ROOT))) {
      throw Choice.unknown(ColorMap.names(), "colour map", colorMap);
    }
    if (!(alpha >= 0 && alpha <= 1)) {
      throw new UsageException("--alpha is 0 to 1, got " + alpha + ".");
    }
    boolean signed = filter != null && SIGNED.contains(filter.toLowerCase(Locale.ROOT));
    return new Rendering(colorMap == null ? null : ColorMap.of(colorMap), alpha, signed);
  }
}
