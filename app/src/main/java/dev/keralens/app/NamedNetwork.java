package dev.keralens.app;

import static java.util.stream.Collectors.toSet;

import dev.keralens.Model;
import dev.keralens.applications.Application;
import dev.keralens.applications.ApplicationWeights;
import dev.keralens.applications.Applications;
import dev.keralens.applications.ClassIndex;
import dev.keralens.applications.DownloadException;
import dev.keralens.applications.KerasCache;
import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.text.ClosestName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A network of {@code keras.applications} that is named in the place of a model's file. */
final class NamedNetwork {
  private static final int IMAGENET_CLASSES = 1000;

  private final Application application;

  private NamedNetwork(Application application) {
    this.application = application;
  }

  /**
   * The network of a name, with its softmax; a file of this name goes before it.
   *
   * @param model what the user gave as the model
   */
  static Optional<NamedNetwork> of(Path model) {
    String name = model.toString();
    if (Files.exists(model) || !Applications.has(name)) {
      return Optional.empty();
    }
    return Optional.of(new NamedNetwork(Applications.of(name).classifierActivation("softmax")));
  }

  /**
   * Suggests a name where there is neither a file nor a network.
   *
   * @throws InvalidModelException if a network's name is like the given one
   */
  static void checkSpelling(Path model) {
    Set<String> names = Applications.all().stream().map(Application::name).collect(toSet());
    Optional<String> closest = ClosestName.among(names, model.toString());
    if (!Files.exists(model) && closest.isPresent()) {
      throw new InvalidModelException(
          "There is no file %s, and no network of this name. Did you mean '%s'?"
              .formatted(model, closest.get()));
    }
  }

  /**
   * Opens the network.
   *
   * @param weights a file with its weights; without one, the published weights, which are
   *     downloaded if need be
   */
  Model open(@Nullable Path weights, PrintWriter err, boolean progress) throws IOException {
    Application network =
        weights == null ? application : application.weights(ApplicationWeights.file(weights));
    return Model.of(network.name(), network.load(cache(err, progress)));
  }

  /** What its pictures go through. */
  Preprocessing preprocessing() {
    return application.preprocessing();
  }

  /** The names of ImageNet's classes; where they cannot be had, none, and the user is told. */
  ClassNames classes(int units, PrintWriter err, boolean progress) throws IOException {
    if (units != IMAGENET_CLASSES) {
      return ClassNames.none();
    }
    try {
      ClassIndex index = ClassIndex.imageNet(cache(err, progress));
      return ClassNames.of(index.names().stream().map(n -> n.replace('_', ' ')).toList());
    } catch (DownloadException e) {
      err.printf("keralens: units have no names: %s%n", Failures.message(e));
      err.flush();
      return ClassNames.none();
    }
  }

  private static KerasCache cache(PrintWriter err, boolean progress) {
    return KerasCache.standard().listener(new DownloadBar(err, progress));
  }
}
