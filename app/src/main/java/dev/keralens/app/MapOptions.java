package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Fusion;
import dev.keralens.Resize;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.network.KerasTensor;
import dev.keralens.objective.ResolvedObjective;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of the maps: layer, region, filter, size. */
final class MapOptions {
  private static final SortedMap<String, Fusion> FUSIONS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(Map.of("max", Fusion.MAX, "mean", Fusion.MEAN)));

  /** Filters whose maps have values below zero. */
  private static final Set<String> SIGNED = Set.of("none", "negative");

  @Option(
      names = "--layer",
      split = ",",
      paramLabel = "LAYER",
      description =
          "The layers whose activations CAM methods explain, each by name, by path in a nested"
              + " model (backbone/conv5), by index (-1 is the last), or by class (Conv2D, the last"
              + " of them); 'input:LAYER' is what goes into it. Several give a map each. Default:"
              + " what goes into the last global pooling or Flatten; see 'keralens inspect'.")
  private List<String> layers = List.of();

  @Option(
      names = "--fuse",
      paramLabel = "HOW",
      description =
          "Join the maps of several layers to one: max or mean at each place, after filter and"
              + " resizing. Default: a map of each.")
  private @Nullable String fuse;

  @Option(
      names = "--tokens",
      paramLabel = "HxW",
      description =
          "How the tokens of a transformer lie over the picture, such as 14x14. Tokens before them,"
              + " such as a class token, are left out.")
  private @Nullable String tokens;

  @Option(
      names = "--filter",
      paramLabel = "NAME",
      description =
          "What is applied to each map: none, normalize, positive, negative, absolute,"
              + " positive_normalize, negative_normalize, absolute_normalize. Default: what is"
              + " usual for the method.")
  private @Nullable String filter;

  @Option(
      names = "--resize",
      paramLabel = "SIZE",
      defaultValue = "input",
      description =
          "The size of the maps: input, none (the method's own) or HxW (default:"
              + " ${DEFAULT-VALUE}).")
  private String resize = "input";

  List<LayerSelector> layers() {
    return layers.stream().map(LayerSelector::parse).toList();
  }

  /**
   * Refuses layers that the model has not, or that no method explains.
   *
   * @param explained what is explained of the model
   */
  void checkLayers(ResolvedObjective explained, List<Method> methods) {
    try {
      layers().forEach(layer -> layer.select(explained.network(), explained.source()));
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--layer: " + e.getMessage() + " 'keralens inspect' lists the layers of the model.", e);
    }
    if (!layers.isEmpty() && methods.stream().noneMatch(Method::explainsActivations)) {
      throw new UsageException(
          "--layer has no effect: none of the methods explains a layer; see 'keralens methods'.");
    }
  }

  /**
   * Refuses a grid of tokens where nothing that is explained has any.
   *
   * @param input the input that they would lie over
   */
  void checkTokens(ResolvedObjective explained, List<Method> methods, KerasTensor input) {
    if (tokens == null || methods.stream().anyMatch(m -> m.info().isOfAttention())) {
      return;
    }
    boolean ofLayers = methods.stream().anyMatch(Method::explainsActivations);
    if (input.places().length == 2
        && ofLayers
        && activations(explained).stream().anyMatch(MapOptions::isOfTokens)) {
      return;
    }
    throw new UsageException(
        "--tokens has no effect: %s"
            .formatted(
                input.places().length != 2
                    ? "tokens lie over pictures, and the input is %s.".formatted(input.shape())
                    : ofLayers
                        ? "the explained activation is a map itself, not a row of tokens."
                        : "none of the methods explains a layer or attention."));
  }

  /** The activations that are explained; those that are not found, a method refuses itself. */
  private List<KerasTensor> activations(ResolvedObjective explained) {
    if (layers.isEmpty()) {
      return ActivationChoice.of(explained.network(), explained.source(), 0)
              instanceof ActivationChoice.Found found
          ? List.of(found.tensor())
          : List.of();
    }
    return layers().stream()
        .map(layer -> layer.select(explained.network(), explained.source()).tensor())
        .toList();
  }

  /** (batch, tokens, channels), whose tokens are laid over a picture. */
  private static boolean isOfTokens(KerasTensor activation) {
    return activation.value().rank() == 3 && activation.placeAxes().length == 1;
  }

  /** How the explainer works. */
  ExplainOptions explainOptions() {
    return ExplainOptions.defaults()
        .withLayers(layers())
        .withTokens(tokens())
        .withFusion(fusion())
        .withFilter(filter())
        .withResize(resize());
  }

  /**
   * Whether a report can filter the maps by itself: nothing was said of filter, size or joining.
   */
  boolean isAsUsual() {
    return filter == null && fuse == null && resize.equalsIgnoreCase("input");
  }

  private @Nullable Fusion fusion() {
    String how = fuse;
    if (how != null && layers.size() < 2) {
      throw new UsageException("--fuse joins the maps of several layers; name them with --layer.");
    }
    return how == null ? null : Choice.of(FUSIONS, "way to join maps", how);
  }

  /** How many maps a method that explains layers gives. */
  int maps() {
    return fuse != null ? 1 : layers.size();
  }

  private @Nullable Filter filter() {
    return filter == null ? null : Choice.of(Filters.byNames(), "filter", filter);
  }

  private int[] tokens() {
    if (tokens == null) {
      return new int[0];
    }
    Size size = Size.of("--tokens", tokens);
    return new int[] {size.height(), size.width()};
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

  /**
   * The same options with maps of the method's own size, which are enlarged when they are drawn.
   *
   * @throws UsageException if another size is asked for
   */
  ExplainOptions unresized(ExplainOptions options) {
    if (!resize.equalsIgnoreCase("input") && !resize.equalsIgnoreCase("none")) {
      throw new UsageException(
          "--resize %s and --interpolation say two things; take one.".formatted(resize));
    }
    return options.withResize(Resize.none());
  }

  /** The same options with maps as the method gives them, unless a filter is asked for. */
  ExplainOptions unfiltered(ExplainOptions options) {
    return filter == null ? options.withFilter(Filters.byNames().get("none")) : options;
  }

  /** Whether a filter was named. */
  boolean isFiltered() {
    return filter != null;
  }

  /** Whether the chosen filter leaves values below zero. */
  boolean isSigned() {
    return filter != null && SIGNED.contains(filter.toLowerCase(Locale.ROOT));
  }
}
