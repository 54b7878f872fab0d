package dev.keralens.inspect;

import dev.keralens.applications.Preprocessing;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What pixels a network takes, and on what ground that is said: the arithmetic between the input
 * and the first layers with weights; else the network of {@code keras.applications} that the layers
 * are those of; else nothing.
 */
public final class InputScaling {
  private final Certainty certainty;
  private final Preprocessing preprocessing;
  private final String ground;

  InputScaling(Certainty certainty, Preprocessing preprocessing, String ground) {
    this.certainty = certainty;
    this.preprocessing = preprocessing;
    this.ground = ground;
  }

  /** {@return how sure it is} */
  public Certainty certainty() {
    return certainty;
  }

  /** {@return what pixels of 0 to 255 must go through before the network} */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** {@return why, in words that complete "pixels of 0 to 255: "} */
  public String ground() {
    return ground;
  }

  /** How sure it is what pixels a network takes. */
  public enum Certainty {
    /** It follows from the network's own arithmetic, or from the type of its input. */
    FOUND,
    /** The network was recognised, and what it was published with is assumed. */
    LIKELY,
    /** Nothing says it: values of 0 to 1 are assumed, and classes may be wrong. */
    OPEN
  }

  /**
   * {@return what pixels an input takes; nothing if it takes no pictures}
   *
   * @param spec what the model says of the input
   * @param network the network
   * @param input the input, by its position
   */
  public static Optional<InputScaling> of(InputSpec spec, Network network, int input) {
    Value value = network.inputs().get(input).value();
    int channelAxis = PixelProbe.channelAxis(value.shape());
    if (channelAxis < 0 || spec.type() == ElementType.BOOL) {
      return Optional.empty();
    }
    PixelPath path = PixelPath.of(network, value);
    InputScaling arithmetic =
        value.type() == ElementType.FLOAT32
            ? ofArithmetic(network, input, channelAxis, path)
            : open("its whole numbers are computed with as such");
    if (arithmetic.certainty != Certainty.OPEN) {
      return Optional.of(arithmetic);
    }
    if (!spec.type().isFloating()) {
      return Optional.of(
          new InputScaling(
              Certainty.FOUND, Preprocessing.NONE, "the model takes them as whole numbers"));
    }
    int channels = channelAxis == 0 ? 1 : value.shape().size(channelAxis);
    return Optional.of(channels == 3 ? recognised(network, path).orElse(arithmetic) : arithmetic);
  }

  /**
   * {@return the axis of a picture's channels; 0 where it has none, -1 where it is no picture}
   *
   * @param input the shape of an input
   */
  public static int channelAxis(Shape input) {
    return PixelProbe.channelAxis(input);
  }

  private static InputScaling open(String ground) {
    return new InputScaling(Certainty.OPEN, Preprocessing.UNIT, ground);
  }

  private static InputScaling ofArithmetic(
      Network network, int input, int channelAxis, PixelPath path) {
    List<Value> computed =
        path.seen().stream()
            .filter(value -> !path.isKept(value) && value.type() == ElementType.FLOAT32)
            .toList();
    List<InputScaling> found = new ArrayList<>();
    try {
      List<PixelProbe.Answers> answers =
          computed.isEmpty()
              ? List.of()
              : new PixelProbe(network, input, channelAxis).answers(computed);
      for (Value value : path.seen()) {
        int place = computed.indexOf(value);
        InputScaling one = place < 0 ? ofKept() : ofAnswers(answers.get(place), path);
        boolean normalized = one.certainty == Certainty.OPEN && place < 0;
        found.add(normalized ? ofNormalization(path, value).orElse(one) : one);
      }
    } catch (GraphExecutionException | IllegalArgumentException e) {
      return open("what it does to its pixels could not be run: " + e.getMessage());
    }
    Set<InputScaling> different = new LinkedHashSet<>(found);
    if (different.isEmpty()) {
      return open("no layer sees them");
    }
    long ranges = different.stream().map(InputScaling::preprocessing).distinct().count();
    boolean agree = different.stream().map(InputScaling::certainty).distinct().count() == 1;
    return (agree && ranges == 1)
        ? found.get(0)
        : open("some of its layers see them scaled and others do not");
  }

  private static InputScaling ofKept() {
    return open("nothing in the model scales them");
  }

  private static InputScaling ofAnswers(PixelProbe.Answers answers, PixelPath path) {
    Layer layer = path.scaling();
    String by =
        layer == null ? "" : ", in layer '%s' (%s)".formatted(layer.name(), layer.className());
    Optional<PixelMap> map = PixelMap.of(answers);
    if (map.isEmpty()) {
      return ofCurve(answers, by);
    } else if (map.get().isIdentity()) {
      return ofKept();
    }
    boolean around = map.get().turnsAround(answers);
    String words =
        "the model " + (around ? "takes blue, green, red and " : "") + map.get().words() + by;
    return map.get()
        .takes()
        .map(takes -> new InputScaling(Certainty.FOUND, takes, words))
        .orElseGet(() -> open(words + ", which fits no usual range"));
  }

  /** Where answers lie on no line: what is cut off, or what each picture is measured by itself. */
  private static InputScaling ofCurve(PixelProbe.Answers answers, String by) {
    float low = answers.noise()[0];
    float high = answers.noise()[1];
    float unit = answers.unitNoise()[1] - answers.unitNoise()[0];
    if (Math.abs(unit - (high - low)) < 0.02 * unit && Math.abs(answers.zero()[0]) < 20) {
      boolean cut = answers.one()[0] == answers.bytes()[0] && answers.one()[0] != answers.zero()[0];
      boolean signs = cut && answers.minusOne()[0] != answers.zero()[0];
      return cut
          ? new InputScaling(
              Certainty.FOUND,
              signs ? Preprocessing.TF : Preprocessing.UNIT,
              "the model cuts off what is above 1" + by)
          : new InputScaling(
              Certainty.FOUND, Preprocessing.NONE, "the model scales each picture by itself" + by);
    }
    String words = "the model makes values of %.3g to %.3g of them".formatted(low, high) + by;
    boolean learnable = high - low >= 0.3 && Math.abs(low) < 20 && Math.abs(high) < 20;
    return learnable
        ? new InputScaling(Certainty.FOUND, Preprocessing.NONE, words)
        : open(words + ", which fits no usual range");
  }

  /**
   * Where a batch normalization comes first, its statistics are those of what it was trained on.
   */
  private static Optional<InputScaling> ofNormalization(PixelPath path, Value value) {
    Node node = path.seeing(value);
    if (node == null || node.op() != Op.BATCH_NORMALIZATION) {
      return Optional.empty();
    }
    Constant mean = path.constant(node, 3);
    Constant variance = path.constant(node, 4);
    String name = Optional.ofNullable(path.owner(node)).map(Layer::name).orElse("");
    if (mean == null || variance == null) {
      return Optional.empty();
    }
    float[] means = mean.tensor().toFloatArray();
    float[] scale = variance.tensor().toFloatArray();
    float[] offset = new float[scale.length];
    for (int c = 0; c < scale.length; c++) {
      scale[c] = (float) (1 / Math.sqrt(scale[c] + node.attributes().getFloat("epsilon", 1e-5f)));
      offset[c] = -means[c] * scale[c];
    }
    PixelMap map = new PixelMap(scale, offset);
    return Optional.of(
        map.takes()
            .map(
                takes ->
                    new InputScaling(
                        Certainty.LIKELY,
                        takes,
                        "its first layer '%s' (BatchNormalization) was trained on them: it %s"
                            .formatted(name, map.words())))
            .orElseGet(
                () ->
                    open(
                        "its first layer '%s' is a BatchNormalization, whose statistics do not tell"
                            .formatted(name))));
  }

  private static Optional<InputScaling> recognised(Network network, PixelPath path) {
    Set<Layer> first = new LinkedHashSet<>();
    for (Value value : path.seen()) {
      Node node = path.seeing(value);
      @Nullable Layer owner = node == null ? null : path.owner(node);
      if (owner != null) {
        first.add(owner);
      }
    }
    return Recognition.of(network.layers(), first)
        .or(() -> TorchNames.of(network))
        .map(
            found ->
                new InputScaling(
                    Certainty.LIKELY,
                    Objects.requireNonNull(found.preprocessing()),
                    found.ground()));
  }

  /**
   * {@return what is said in a line, such as {@code "pixels of 0 to 255: the model divides by
   * 255"}}
   */
  @Override
  public String toString() {
    String what =
        preprocessing.needsColors()
            ? "pixels as --preprocess %s gives them".formatted(preprocessing.label())
            : "pixels of " + preprocessing.range();
    return certainty == Certainty.OPEN
        ? "pixels of an unknown range: " + ground
        : what + ": " + ground;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof InputScaling that
        && certainty.equals(that.certainty)
        && preprocessing.equals(that.preprocessing)
        && ground.equals(that.ground);
  }

  @Override
  public int hashCode() {
    return Objects.hash(certainty, preprocessing, ground);
  }
}
