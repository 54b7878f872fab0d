package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Resize;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What becomes of the maps: layer, region, filter, size. */
final class MapOptions {
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
      names = "--tokens",
      paramLabel = "HxW",
      description =
          "How the tokens of a transformer lie over the picture, such as 14x14. Tokens before them,"
              + " such as a class token, are left out.")
  private @Nullable String tokens;

  @Option(
      names = "--of-output",
      description =
          "Explain the model's output itself, not the logits before its final softmax or sigmoid.")
  private boolean ofOutput;

  @Option(
      names = "--unit-axis",
      paramLabel = "AXIS",
      description =
          "The axis of the output along which its units lie, from 0 for the batch's; -1 is the"
              + " last. A unit is summed over all others, as for segmentation. Default: that of the"
              + " channels, as the model proves it.")
  private @Nullable Integer unitAxis;

  @Option(
      names = "--region",
      paramLabel = "FILE",
      description =
          "Of an output that is itself a map, explain the sum over a region: a picture, white"
              + " inside and black outside, or a .npy array of weights (height, width).")
  private @Nullable Path region;

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

  boolean ofOutput() {
    return ofOutput;
  }

  /** The axis of the units that is named; null for the one that the model proves. */
  @Nullable Integer unitAxis() {
    return unitAxis;
  }

  /** How the explainer works. */
  ExplainOptions explainOptions() {
    return ExplainOptions.defaults()
        .withLayers(layers())
        .withTokens(tokens())
        .withFilter(filter())
        .withResize(resize());
  }

  /** What is explained, without a region. */
  Objective objective() {
    Objective objective = ofOutput ? Objective.output() : Objective.logits();
    return objective.withUnitAxis(unitAxis);
  }

  /**
   * The region, at the size of an output.
   *
   * @param explained what is explained
   * @throws IOException if the file is no region of such an output
   */
  @Nullable Tensor region(ResolvedObjective explained) throws IOException {
    if (region == null) {
      return null;
    }
    Shape output = explained.target().shape();
    Shape places = Shape.of(explained.places());
    if (InputFiles.isArray(region)) {
      Tensor weights = ArrayFile.read(region);
      if (!Arrays.equals(weights.shape(), places.sizes())) {
        throw new IOException(
            "%s holds %s, but a region of the output %s has the shape %s."
                .formatted(region, weights, output, places));
      }
      return weights;
    }
    if (places.rank() != 2) {
      throw new UsageException(
          "--region %s: the output %s is no map; a region is for segmentation."
              .formatted(region, output));
    }
    Picture mask = Picture.read(region).convert(ColorMode.GRAYSCALE);
    float[] weights =
        mask.resize(places.size(0), places.size(1), Interpolation.BILINEAR)
            .toTensor()
            .toFloatArray();
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= 255;
    }
    return Tensor.of(weights, places.sizes());
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

  /** Whether the chosen filter leaves values below zero. */
  boolean isSigned() {
    return filter != null && SIGNED.contains(filter.toLowerCase(Locale.ROOT));
  }
}
