package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.CallNames;
import dev.keralens.network.search.Dependencies;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the activation that is explained where no layer is named: the last one that every path from
 * the explained input to the explained output passes, with as many spatial axes as the input, and
 * with learned weights both before and after it.
 *
 * <p>So a pooling inside, such as that of squeeze-and-excitation, does not count, since a path goes
 * by it; and neither does the explained output itself, nor what only rearranges, resizes or adds to
 * it. Of (batch, tokens, channels), tokens are explained where they went through weights of their
 * own, as in a transformer, not where a map is flattened to be pooled.
 */
final class UsualActivation {
  private static final int SHOWN = 6;

  private final Network network;
  private final InputPaths paths;
  private final LearnedWeights weights;
  private final int axes;
  private final Value source;

  /** Values that the target depends on by learned weights only. */
  private final Set<Value> beforeWeights;

  /** Layers' values with spatial axes on the paths, in the order of computation. */
  private final List<KerasTensor> candidates;

  /** Those with learned weights before and after them. */
  private final List<KerasTensor> features;

  private UsualActivation(Network network, KerasTensor target, int input) {
    this.network = network;
    this.source = network.inputs().get(input).value();
    this.paths = new InputPaths(network, source, target.value());
    this.weights = new LearnedWeights(network);
    this.axes = network.inputs().get(input).places().length;
    this.beforeWeights = paths.alwaysBefore(weights::applies);
    this.candidates = PathCandidates.of(network, paths);
    Set<Value> weighted = paths.after(weights::applies);
    this.features =
        candidates.stream()
            .filter(t -> beforeWeights.contains(t.value()) && weighted.contains(t.value()))
            .toList();
  }

  /**
   * Finds the activation that is explained of the first input that the target depends on.
   *
   * @param network the network
   * @param target what is explained
   * @return the activation; nothing where a layer has to be named
   */
  public static Optional<KerasTensor> of(Network network, KerasTensor target) {
    return find(network, target, firstInput(network, target))
            instanceof ActivationChoice.Found found
        ? Optional.of(found.tensor())
        : Optional.empty();
  }

  /**
   * {@return the position of the first input that a target depends on, of those with spatial axes
   * before others; 0 if it depends on none}
   *
   * @param network the network
   * @param target what is explained
   */
  public static int firstInput(Network network, KerasTensor target) {
    Set<Value> needed = Dependencies.of(network, target);
    List<KerasTensor> inputs = network.inputs();
    return IntStream.range(0, inputs.size())
        .filter(i -> needed.contains(inputs.get(i).value()))
        .boxed()
        .min(Comparator.comparing(i -> inputs.get(i).shape().rank() < 3))
        .orElse(0);
  }

  /**
   * Finds the activation that is explained of an input. Where values lie on the paths from this
   * input that depend on no other one with spatial axes, it is the last of these.
   *
   * @param network the network
   * @param target what is explained
   * @param input the position of the input
   * @return the activation, or what is asked
   */
  public static ActivationChoice find(Network network, KerasTensor target, int input) {
    UsualActivation search = new UsualActivation(network, target, input);
    String name = network.inputs().get(input).value().name();
    if (!search.paths.exist()) {
      return new ActivationChoice.Undecided(
          "The explained output does not depend on the input '%s'.".formatted(name), List.of());
    }
    Set<Value> shared = OtherInputs.values(network, input, target.value());
    List<KerasTensor> own =
        search.features.stream().filter(t -> !shared.contains(t.value())).toList();
    if (!shared.contains(target.value()) || own.stream().anyMatch(search::fits)) {
      return search.choose(own, "");
    }
    return search.choose(
        search.features, " (it depends on the other inputs too, none on '" + name + "' alone)");
  }

  private ActivationChoice choose(List<KerasTensor> from, String note) {
    KerasTensor full = last(from, this::fits);
    KerasTensor tokens = last(from, t -> t.places().length < axes);
    if (tokens != null && (full == null || areTokens(full, tokens))) {
      KerasTensor read =
          PoolingHead.readsOnePlace(paths, tokens) ? readByOthers(from, tokens) : null;
      return read == null ? tokens(tokens, note) : read(read, note);
    }
    List<KerasTensor> branches = branches(from, full);
    if (full == null && branches.size() == 1) {
      full = branches.get(0);
    } else if (!branches.isEmpty()) {
      return several(full, branches);
    }
    if (full == null) {
      full = last(from, t -> t.places().length > axes);
    }
    return full != null ? found(beforeHead(full), note) : without(note);
  }

  /**
   * The last tokens that look at each other, where the output reads one of the last tokens: what
   * the last attention reads, usually a normalization. Behind it the others count for nothing.
   */
  private @Nullable KerasTensor readByOthers(List<KerasTensor> from, KerasTensor tokens) {
    int end = paths.place(tokens.value());
    KerasTensor before =
        last(
            from,
            t -> t.shape().equals(tokens.shape()) && product(paths.place(t.value()), end) != null);
    Node product = before == null ? null : product(paths.place(before.value()), end);
    if (before == null || product == null) {
      return null;
    }
    InputPaths toProduct = new InputPaths(network, source, product.output());
    KerasTensor found = before;
    for (KerasTensor tensor : from) {
      if (tensor.shape().equals(before.shape())
          && toProduct.contains(tensor.value())
          && toProduct.allPass(tensor.value())) {
        found = tensor;
      }
    }
    return found;
  }

  /** The first product of values that are both computed of the input, between two places. */
  private @Nullable Node product(int start, int end) {
    return paths.nodes().stream()
        .filter(n -> paths.place(n.output()) > start && paths.place(n.output()) < end)
        .filter(weights::multipliesValues)
        .min(Comparator.comparing(n -> paths.place(n.output())))
        .orElse(null);
  }

  private ActivationChoice read(KerasTensor tensor, String note) {
    return result(
        tensor,
        PoolingHead.layer(network, paths, tensor).orElse(null),
        false,
        "what the last attention reads, since the output reads one of the last tokens alone"
            + " (--tokens says how they lie over the input)"
            + note);
  }

  private boolean fits(KerasTensor tensor) {
    int count = tensor.places().length;
    return axes > 1 ? count == axes : count >= 1;
  }

  private @Nullable KerasTensor last(List<KerasTensor> from, Predicate<KerasTensor> condition) {
    KerasTensor found = null;
    for (KerasTensor tensor : from) {
      found = paths.allPass(tensor.value()) && condition.test(tensor) ? tensor : found;
    }
    return found;
  }

  /**
   * Whether values with fewer axes are more than a flattened map: they went through weights of
   * their own, and the map before was but cut in patches, or they look at each other several times.
   */
  private boolean areTokens(KerasTensor full, KerasTensor tokens) {
    int start = paths.place(full.value());
    if (paths.place(tokens.value()) < start
        || !paths.through(full.value(), weights::applies).contains(tokens.value())) {
      return false;
    }
    long products =
        paths.nodes().stream()
            .filter(n -> paths.place(n.output()) > start && weights.multipliesValues(n))
            .count();
    List<Node> before =
        paths.nodes().stream()
            .filter(n -> paths.place(n.output()) <= start && weights.applies(n))
            .toList();
    return products > 2 || before.stream().allMatch(UsualActivation::cutsPatches);
  }

  private static boolean cutsPatches(Node node) {
    int[] kernel = node.inputs().size() > 1 ? node.input(1).shape().sizes() : new int[0];
    int[] strides = node.attributes().getInts("strides");
    return node.op() == Op.CONV
        && strides != null
        && IntStream.range(0, strides.length)
            .allMatch(i -> strides[i] > 1 && strides[i] == kernel[i + 2]);
  }

  /** What paths pass last beside an activation, each with weights of its own between them. */
  private List<KerasTensor> branches(List<KerasTensor> from, @Nullable KerasTensor full) {
    List<KerasTensor> maps = from.stream().filter(this::fits).toList();
    Set<Value> values = new HashSet<>();
    maps.forEach(tensor -> values.add(tensor.value()));
    Set<Value> last = paths.last(values);
    if (full != null) {
      last.removeAll(paths.reached(full.value(), n -> !weights.applies(n)));
      Set<Value> kept = paths.reached(full.value(), node -> keepsAxes(node, full.value()));
      Set<Value> gated = paths.alwaysBefore(UsualActivation::isGate);
      int channels = channels(full);
      maps =
          maps.stream()
              .filter(t -> kept.contains(t.value()))
              .filter(t -> !gated.contains(t.value()) || channels(t) * 2 > channels)
              .toList();
    }
    return maps.stream().filter(tensor -> last.contains(tensor.value())).toList();
  }

  private static boolean keepsAxes(Node node, Value map) {
    return node.output().rank() == map.rank() && node.op() != Op.RESHAPE;
  }

  private static boolean isGate(Node node) {
    return node.op() == Op.SOFTMAX || node.op() == Op.SIGMOID || node.op() == Op.HARD_SIGMOID;
  }

  private static int channels(KerasTensor tensor) {
    return tensor.shape().size(tensor.value().rank() > 2 && isFirst(tensor) ? 1 : -1);
  }

  private static boolean isFirst(KerasTensor tensor) {
    return tensor.layout() == Layout.CHANNELS_FIRST;
  }

  /** Goes back over what belongs to the head: a pooling in two steps, a reshape, a power. */
  private KerasTensor beforeHead(KerasTensor found) {
    KerasTensor current = found;
    while (true) {
      KerasTensor before = previous(current);
      if (before == null || !PoolingHead.begins(paths, current, before)) {
        return current;
      }
      current = before;
    }
  }

  /** The activation that every path passes next before another one, if no weights lie between. */
  private @Nullable KerasTensor previous(KerasTensor tensor) {
    int end = paths.place(tensor.value());
    KerasTensor before = last(features, t -> fits(t) && paths.place(t.value()) < end);
    return before != null
            && !paths.through(before.value(), weights::applies).contains(tensor.value())
        ? before
        : null;
  }

  private ActivationChoice found(KerasTensor tensor, String note) {
    Optional<Layer> pooling = PoolingHead.layer(network, paths, tensor);
    String ground =
        pooling.isPresent()
            ? "the last activation before the pooling that every path passes"
            : "the last activation that every path passes before the weights of the output";
    return result(tensor, pooling.orElse(null), note.isEmpty(), ground + note);
  }

  private ActivationChoice tokens(KerasTensor tensor, String note) {
    String unread =
        PoolingHead.readsOnePlace(paths, tensor)
            ? "; the output reads but one of them, so that the others count for nothing here: name"
                + " an earlier layer"
            : "";
    return result(
        tensor,
        PoolingHead.layer(network, paths, tensor).orElse(null),
        false,
        "the last tokens that every path passes (--tokens says how they lie over the input)"
            + unread
            + note);
  }

  private ActivationChoice several(@Nullable KerasTensor full, List<KerasTensor> branches) {
    List<KerasTensor> all = new ArrayList<>(branches);
    if (full != null) {
      all.add(0, full);
    }
    return new ActivationChoice.Undecided(
        "Several activations lie side by side before the explained output, and no single one after"
            + " them has their spatial axes.",
        names(all));
  }

  /** Where no features lie between weights: a map that is pooled without weights after it. */
  private ActivationChoice without(String note) {
    Set<Value> weighted = paths.after(weights::applies);
    long outputs = paths.target().shape().elements();
    KerasTensor pooled =
        last(
            candidates,
            t ->
                fits(t)
                    && weighted.contains(t.value())
                    && Math.abs(t.value().shape().elements()) > Math.abs(outputs));
    if (pooled != null) {
      return result(
          pooled,
          PoolingHead.layer(network, paths, pooled).orElse(null),
          false,
          "the last activation that every path passes, though no weights come after it" + note);
    }
    return new ActivationChoice.Undecided(
        "No activation with spatial axes lies between weights of the model on every path from the"
            + " input '%s' to the explained output.".formatted(source.name()),
        names(
            candidates.stream()
                .filter(t -> !t.value().equals(paths.target()) && !t.value().equals(source))
                .toList()));
  }

  private ActivationChoice.Found result(
      KerasTensor tensor, @Nullable Layer pooling, boolean usual, String ground) {
    Optional<CallNames.Giver> giver = CallNames.giving(network, tensor.value());
    return new ActivationChoice.Found(
        name(tensor),
        giver.map(CallNames.Giver::layer).orElse(null),
        tensor,
        pooling,
        usual,
        ground);
  }

  /** The names of the last ones. */
  private List<String> names(List<KerasTensor> tensors) {
    List<String> names = new ArrayList<>();
    for (int i = tensors.size() - 1; i >= 0 && names.size() < SHOWN; i--) {
      String name = name(tensors.get(i));
      if (!names.contains(name)) {
        names.add(0, name);
      }
    }
    return List.copyOf(names);
  }

  private String name(KerasTensor tensor) {
    return CallNames.giving(network, tensor.value())
        .map(CallNames.Giver::name)
        .orElse(tensor.value().name());
  }
}
