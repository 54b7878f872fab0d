package dev.keralens.inspect;

import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Shape;
import dev.keralens.network.Layer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A published network that a model is, or has within it, recognised by its layers.
 *
 * @param preprocessing what its pictures went through where it was trained
 * @param ground how it was recognised, in words
 */
record Recognition(Preprocessing preprocessing, String ground) {
  /**
   * The first layers with weights of each network, by name, class and number of weights; made from
   * the definitions, which {@code RecognitionTest} compares it with.
   */
  private static final String BEGINNINGS = "beginnings.txt";

  /** Names that Keras gives where none is given; the number at the end is any. */
  private static final Pattern AUTOMATIC =
      Pattern.compile("(conv2d|batch_normalization|separable_conv2d|depthwise_conv2d)(_\\d+)?");

  /** Operators of ONNX files that stand for layers with kernels. */
  private static final String CONVOLUTION = "Conv";

  /** A model within the network; its layers have its name in their paths. */
  private static final String NESTED = "Sequential";

  /**
   * The beginning of a network.
   *
   * @param titles the networks that begin so
   */
  record Beginning(String titles, Preprocessing preprocessing, List<Weighted> layers) {}

  /** A layer with weights. */
  record Weighted(String name, String className, long parameters) {
    static Weighted of(String name, String className, long parameters) {
      String lower = name.toLowerCase(Locale.ROOT).replace('/', '_').replace("batchnorm", "bn");
      String plain = AUTOMATIC.matcher(lower).matches() ? lower.replaceAll("_\\d+$", "") : lower;
      return new Weighted(plain, className, parameters);
    }
  }

  /**
   * {@return the network of {@code keras.applications} that layers are those of, if there is one}
   *
   * <p>The first dozen of its layers with weights must be there, each with its name and its number
   * of weights; of files that were converted to ONNX, its convolutions.
   *
   * @param layers the layers of a model, those of models within it after them
   * @param first the layers with weights that see the pixels
   */
  public static Optional<Recognition> of(List<Layer> layers, Collection<Layer> first) {
    List<Layer> weighted = layers.stream().filter(layer -> layer.parameters() > 0).toList();
    for (Beginning beginning : Holder.TABLE) {
      Weighted own = beginning.layers().get(0);
      boolean begins = first.stream().anyMatch(layer -> fits(layer, own));
      if (begins
          && beginning.layers().size() <= weighted.size() * 3L
          && fits(weighted, beginning)) {
        return Optional.of(
            new Recognition(
                beginning.preprocessing(),
                "nothing in the model scales them, and its layers are those of %s of keras.applications"
                    .formatted(beginning.titles())));
      }
    }
    return Optional.empty();
  }

  private static boolean fits(List<Layer> layers, Beginning beginning) {
    boolean converted = layers.stream().anyMatch(layer -> layer.className().equals(CONVOLUTION));
    Map<Weighted, Integer> wanted = new HashMap<>();
    for (Weighted layer : beginning.layers()) {
      if (!converted || layer.className().contains("Conv")) {
        wanted.merge(layer, 1, Integer::sum);
      }
    }
    for (Map.Entry<Weighted, Integer> one : wanted.entrySet()) {
      long found = layers.stream().filter(layer -> fits(layer, one.getKey())).count();
      if (found < one.getValue()) {
        return false;
      }
    }
    return wanted.size() >= 3;
  }

  private static boolean fits(Layer layer, Weighted wanted) {
    if (layer.className().equals(CONVOLUTION)) {
      return fitsConverted(layer, wanted);
    }
    if (wanted.className().equals(NESTED)) {
      return ("/" + layer.name().toLowerCase(Locale.ROOT)).contains("/" + wanted.name() + "/");
    } else if (layer.parameters() != wanted.parameters()) {
      return false;
    }
    String name = layer.name().substring(layer.name().lastIndexOf('/') + 1);
    if (Weighted.of(name, "", 0).name().equals(wanted.name())) {
      return true;
    }
    String path = Weighted.of(layer.name(), "", 0).name();
    return path.equals(wanted.name()) || path.endsWith("_" + wanted.name());
  }

  /** A convolution, which has taken over the normalization after it, by a part of its path. */
  private static boolean fitsConverted(Layer layer, Weighted wanted) {
    List<Long> sizes =
        layer.weights().values().stream()
            .map(weight -> Shape.of(weight.shape()).elements())
            .sorted()
            .toList();
    long kernel = sizes.isEmpty() ? 0 : sizes.get(sizes.size() - 1);
    long bias = sizes.size() > 1 ? sizes.get(0) : 0;
    boolean same = kernel == wanted.parameters() || kernel + bias == wanted.parameters();
    if (!same || !wanted.className().contains("Conv")) {
      return false;
    }
    for (String part : layer.name().split("/", -1)) {
      String name = Weighted.of(part, "", 0).name();
      if (name.equals(wanted.name()) || name.replaceAll("_\\d+$", "").equals(wanted.name())) {
        return true;
      }
    }
    return false;
  }

  /** Read when it is first needed. */
  private static final class Holder {
    static final List<Beginning> TABLE = read();

    private static List<Beginning> read() {
      List<Beginning> table = new ArrayList<>();
      try (InputStream in =
              Objects.requireNonNull(Recognition.class.getResourceAsStream(BEGINNINGS));
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          String[] words = line.split(" ", 3);
          if (words[0].equals("#")) {
            Preprocessing preprocessing = Preprocessing.named(words[1]).orElseThrow();
            table.add(new Beginning(words[2], preprocessing, new ArrayList<>()));
          } else {
            table
                .get(table.size() - 1)
                .layers()
                .add(new Weighted(words[0], words[1], Long.parseLong(words[2])));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return List.copyOf(table);
    }
  }
}
