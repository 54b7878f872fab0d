package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.applications.Application;
import dev.keralens.applications.Applications;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What pixels go through before the model, and what there is to say of it.
 *
 * @param preprocessing what they go through
 * @param scaling what was found in the model; null where a published network is named or it takes
 *     no pictures
 * @param isGiven whether the user named it
 * @param converter what a task's own preprocessor does instead; null where there is none, or the
 *     user named another way
 * @param leftOut what it does where the user named another way
 */
record Pixels(
    Preprocessing preprocessing,
    @Nullable InputScaling scaling,
    boolean isGiven,
    @Nullable ImageConverter converter,
    @Nullable ImageConverter leftOut) {
  private static final String CHOICES = "--preprocess tf | torch | caffe | none";

  Pixels(Preprocessing preprocessing, @Nullable InputScaling scaling, boolean isGiven) {
    this(preprocessing, scaling, isGiven, null, null);
  }

  Pixels(
      Preprocessing preprocessing, @Nullable InputScaling scaling, @Nullable ImageConverter own) {
    this(preprocessing, scaling, false, own, null);
  }

  /**
   * The preprocessing of a name.
   *
   * @throws UsageException if there is none; the message says which networks use which
   */
  static Preprocessing named(String name) {
    return Preprocessing.named(name).orElseThrow(() -> unknown(name));
  }

  private static UsageException unknown(String name) {
    List<String> labels = Arrays.stream(Preprocessing.values()).map(Preprocessing::label).toList();
    Map<Preprocessing, List<String>> networks = new TreeMap<>();
    for (Application application : Applications.all()) {
      String family =
          application
              .title()
              .replaceAll("\\d{2,3}(V2)?$", "$1")
              .replaceAll("(?<=Net|NeXt|V2|V3)(B\\d|S|M|L|X?Large|Small|Mobile|Tiny|Base)$", "");
      List<String> titles =
          networks.computeIfAbsent(application.preprocessing(), key -> new ArrayList<>());
      if (!titles.contains(family)) {
        titles.add(family);
      }
    }
    String uses =
        networks.entrySet().stream()
            .map(e -> e.getKey().label() + " (" + String.join(", ", e.getValue()) + ")")
            .collect(Collectors.joining(", "));
    return new UsageException(
        Choice.unknown(labels, "preprocessing", name).getMessage()
            + " Networks of keras.applications take "
            + uses
            + "; their names do, too.");
  }

  /**
   * What was named, else what the model takes.
   *
   * @param network the model at the size of its inputs
   * @param input the input, by its position
   */
  static Pixels of(ModelOptions options, Model model, Network network, int input) {
    String given = options.preprocess();
    Optional<Preprocessing> own = options.named().map(NamedNetwork::preprocessing);
    if (given == null && own.isPresent()) {
      return new Pixels(own.get(), null, false);
    }
    InputSpec spec = model.inputs().get(input);
    InputScaling scaling = InputScaling.of(spec, network, input).orElse(null);
    if (given != null) {
      return new Pixels(named(given), scaling, true, null, readable(model));
    }
    ImageConverter converter = scaling == null ? null : converter(model);
    if (converter != null && !options.depth().isEight()) {
      return new Pixels(Preprocessing.NONE, scaling, converter);
    }
    Preprocessing found = scaling == null ? Preprocessing.UNIT : scaling.preprocessing();
    if (found == Preprocessing.UINT16 && options.depth().isEight()) {
      return new Pixels(Preprocessing.NONE, scaling, true);
    }
    return new Pixels(found, scaling, false);
  }

  /** The preprocessor of a task of KerasHub where it can be read. */
  private static @Nullable ImageConverter readable(Model model) {
    try {
      return model.imageConverter().orElse(null);
    } catch (UnsupportedModelException e) {
      return null;
    }
  }

  /** What the preprocessor of a task of KerasHub does, or null. */
  static @Nullable ImageConverter converter(Model model) {
    try {
      return model.imageConverter().orElse(null);
    } catch (UnsupportedModelException e) {
      throw new UsageException(
          "%s Say what pictures go through: %s.".formatted(e.getMessage(), CHOICES));
    }
  }

  /** What pixels of 0 to 255 are, in the size that they have, as the model takes them. */
  Tensor apply(Tensor pixels) {
    return converter == null ? preprocessing.apply(pixels) : converter.scale(pixels);
  }

  /** What it is called. */
  String label() {
    return converter == null ? preprocessing.label() : "as the task's preprocessor";
  }

  /** The converter for a size of pictures; null where there is none. */
  @Nullable ImageConverter converter(PictureFormat format, boolean isSizeGiven) {
    if (converter == null) {
      return null;
    }
    if (isSizeGiven) {
      return converter.withSize(format.height(), format.width());
    }
    try {
      return converter.forInput(format.height(), format.width());
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "%s Say which with --size, or name another way with --preprocess."
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Whether it is known that the model takes pictures. */
  boolean arePictures() {
    return scaling != null || preprocessing != Preprocessing.UNIT;
  }

  /** Says in a line what was chosen and why, or that the model wants something else. */
  void print(PrintWriter err) {
    if (scaling == null) {
      return;
    }
    if (converter != null) {
      err.printf("keralens: pictures go through the task's own preprocessor: %s%n", converter);
      err.flush();
      return;
    }
    if (leftOut != null) {
      err.printf(
          "keralens: --preprocess %s was named; the task's own preprocessor is left out: %s%n",
          preprocessing.label(), leftOut);
    }
    boolean open = scaling.certainty() == Certainty.OPEN;
    if (!isGiven) {
      boolean scales =
          scaling.certainty() == Certainty.FOUND && preprocessing == Preprocessing.NONE;
      err.printf(
          "keralens: --preprocess %s, since %s%n",
          preprocessing.label(),
          open
              ? scaling.ground()
                  + "; the class may be wrong: if the model was trained on other pixels, say "
                  + CHOICES
              : (scales ? "the model scales its input itself: " : "the model takes ") + scaling);
    } else if (!open && preprocessing != scaling.preprocessing()) {
      err.printf(
          "keralens: --preprocess %s was named, but the model takes %s; --preprocess %s gives"
              + " them%n",
          preprocessing.label(), scaling, scaling.preprocessing().label());
    }
    err.flush();
  }

  /**
   * Checks that the model has the channels for it.
   *
   * @throws UsageException if it has others
   */
  void check(int channels) {
    if (preprocessing.needsColors() && channels != 3) {
      throw new UsageException(
          "--preprocess %s is for three channels, but the model takes %d; use none, unit or tf."
              .formatted(preprocessing.label(), channels));
    }
  }
}
