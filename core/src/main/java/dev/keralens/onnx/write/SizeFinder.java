package dev.keralens.onnx.write;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Node;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OpenSizes.Axis;
import dev.keralens.onnx.write.OpenSizes.Count;
import dev.keralens.onnx.write.OpenSizes.Formula;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what of a graph depends on the sizes of its inputs, from the same graph at several sizes.
 *
 * <p>The graphs have the same nodes; what differs are constants. A whole number that differs is the
 * size of a value that is computed before, at all the sizes; or the product of two, or one with a
 * number added. A real number is a factor divided by such a size; an array is a pattern that is
 * repeated. What is none of these, or an attribute of a node, cannot be left open, and is named.
 */
public final class SizeFinder {
  private static final int LONGEST_PATTERN = 4;

  private final List<Graph> graphs;
  private final List<Map<Value, Integer>> places = new ArrayList<>();
  private final Map<Value, Formula> formulas = new HashMap<>();
  private final Map<Value, List<Integer>> axes = new HashMap<>();

  /** The sizes that have been met, as many numbers as there are graphs; the first axis of each. */
  private final Map<List<Long>, Axis> sizes = new LinkedHashMap<>();

  private SizeFinder(List<Graph> graphs) {
    this.graphs = graphs;
    for (Graph graph : graphs) {
      Map<Value, Integer> at = new HashMap<>();
      graph.inputs().forEach(value -> at.put(value, at.size()));
      graph.nodes().forEach(node -> node.outputs().forEach(value -> at.put(value, at.size())));
      places.add(at);
    }
  }

  /**
   * {@return what depends on the sizes}
   *
   * @param graphs the same graph at several sizes; the first is the one that is written
   * @param step what the sizes are multiples of
   * @param least the smallest size
   * @throws UnsupportedModelException if the graphs differ in something that no size explains; the
   *     message names it
   */
  public static OpenSizes find(List<Graph> graphs, int step, int least) {
    SizeFinder finder = new SizeFinder(graphs);
    finder.find();
    return new OpenSizes(finder.formulas, finder.axes, step, least);
  }

  private Graph first() {
    return graphs.get(0);
  }

  private void find() {
    int count = first().nodes().size();
    for (Graph graph : graphs) {
      if (graph.nodes().size() != count || graph.inputs().size() != first().inputs().size()) {
        throw refusal("the number of operators depends on them");
      }
    }
    IntStream.range(0, first().inputs().size())
        .forEach(i -> meet(graphs.stream().map(graph -> graph.inputs().get(i)).toList()));
    for (int i = 0; i < count; i++) {
      int at = i;
      List<Node> nodes = graphs.stream().map(graph -> graph.nodes().get(at)).toList();
      compare(nodes);
      for (int j = 0; j < nodes.get(0).outputs().size(); j++) {
        int output = j;
        meet(nodes.stream().map(node -> node.outputs().get(output)).toList());
      }
    }
    for (int i = 0; i < first().outputs().size(); i++) {
      for (int s = 0; s < graphs.size(); s++) {
        Value own = graphs.get(s).outputs().get(i);
        Value base = first().outputs().get(i);
        if (!Objects.equals(places.get(s).get(own), places.get(0).get(base))
            || formulas.containsKey(base)) {
          throw refusal("output '%s' depends on them".formatted(Printable.name(base.name())));
        }
      }
    }
  }

  /** Remembers the sizes of a value. */
  private void meet(List<Value> values) {
    Value value = values.get(0);
    List<Integer> open = new ArrayList<>();
    for (int axis = 0; axis < value.rank(); axis++) {
      int at = axis;
      List<Long> met = values.stream().map(each -> (long) each.shape().size(at)).toList();
      if (met.stream().distinct().count() > 1) {
        open.add(axis);
        if (met.stream().allMatch(size -> size > 0)) {
          sizes.putIfAbsent(met, new Axis(value, axis));
        }
      }
    }
    if (!open.isEmpty()) {
      axes.put(value, open);
    }
  }

  private void compare(List<Node> nodes) {
    Node node = nodes.get(0);
    for (int s = 1; s < nodes.size(); s++) {
      Node other = nodes.get(s);
      if (node.op() != other.op()
          || node.inputs().size() != other.inputs().size()
          || node.outputs().size() != other.outputs().size()) {
        throw refusal("there is " + named(node) + ", or another operator");
      }
      if (!node.attributes().equals(other.attributes())) {
        throw refusal(
            "%s has the attributes %s, or %s"
                .formatted(named(node), node.attributes(), other.attributes()));
      }
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      int at = i;
      input(node, nodes.stream().map(each -> each.optionalInput(at)).toList());
    }
  }

  private static String named(Node node) {
    return "%s '%s'".formatted(node.op().onnxName(), Printable.name(node.output().name()));
  }

  private void input(Node node, List<@Nullable Value> values) {
    Value value = values.get(0);
    List<Constant> constants = new ArrayList<>();
    for (int s = 0; s < values.size(); s++) {
      Value other = values.get(s);
      Constant constant = other == null ? null : graphs.get(s).constant(other);
      if (constant != null) {
        constants.add(constant);
      } else if (other == null
          ? value != null
          : !Objects.equals(places.get(s).get(other), places.get(0).get(value))) {
        throw refusal(named(node) + " reads another value");
      }
    }
    if (value != null && !constants.isEmpty() && !formulas.containsKey(value)) {
      if (constants.size() < values.size()) {
        throw refusal(named(node) + " reads another value");
      }
      Formula formula = formula(node, constants);
      if (formula != null) {
        formulas.put(value, formula);
      }
    }
  }

  /** How a constant depends on the sizes; null where it does not. */
  private @Nullable Formula formula(Node node, List<Constant> constants) {
    Constant own = constants.get(0);
    boolean held = constants.stream().allMatch(Constant::isHeld);
    boolean shaped = constants.stream().allMatch(c -> Arrays.equals(c.shape(), own.shape()));
    if (shaped && !held) { // weights: two are enough, and reading them takes time
      return own.tensor().bytes().equals(constants.get(1).tensor().bytes())
          ? null
          : refuse(node, own);
    }
    List<Tensor> tensors = constants.stream().map(Constant::tensor).toList();
    if (shaped && tensors.stream().allMatch(t -> t.bytes().equals(tensors.get(0).bytes()))) {
      return null;
    }
    Formula found =
        own.type() == ElementType.FLOAT32
            ? shaped ? quotient(tensors) : repeated(tensors)
            : shaped && own.type() == ElementType.INT64 ? whole(tensors) : null;
    return found == null ? refuse(node, own) : found;
  }

  private static Formula refuse(Node node, Constant constant) {
    throw refusal("%s has another %s".formatted(named(node), constant));
  }

  private @Nullable Formula whole(List<Tensor> tensors) {
    List<long[]> all = tensors.stream().map(Tensor::toLongArray).toList();
    List<Count> numbers = new ArrayList<>();
    for (int i = 0; i < all.get(0).length; i++) {
      int at = i;
      Count number = number(all.stream().map(each -> each[at]).toList());
      if (number == null) {
        return null;
      }
      numbers.add(number);
    }
    return new Formula.Whole(numbers);
  }

  /** A number at all the sizes; null where nothing met explains it. */
  private @Nullable Count number(List<Long> values) {
    if (values.stream().distinct().count() == 1) {
      return new Count(values.get(0), List.of());
    }
    Axis same = sizes.get(values);
    if (same != null) {
      return new Count(0, List.of(same));
    }
    for (Map.Entry<List<Long>, Axis> one : sizes.entrySet()) {
      for (Map.Entry<List<Long>, Axis> two : sizes.entrySet()) {
        if (all(s -> values.get(s) == one.getKey().get(s) * two.getKey().get(s))) {
          return new Count(0, List.of(one.getValue(), two.getValue()));
        }
      }
    }
    for (Map.Entry<List<Long>, Axis> one : sizes.entrySet()) {
      long plus = values.get(0) - one.getKey().get(0);
      if (all(s -> values.get(s) - one.getKey().get(s) == plus)) {
        return new Count(plus, List.of(one.getValue()));
      }
    }
    return null;
  }

  private boolean all(IntPredicate holds) {
    return IntStream.range(0, graphs.size()).allMatch(holds);
  }

  /** One number everywhere, which times a size is the same at all the sizes. */
  private @Nullable Formula quotient(List<Tensor> tensors) {
    List<float[]> all = tensors.stream().map(Tensor::toFloatArray).toList();
    for (float[] values : all) {
      for (float value : values) {
        if (value != values[0]) {
          return null;
        }
      }
    }
    List<Map.Entry<List<Long>, List<Axis>>> candidates = new ArrayList<>();
    sizes.forEach((size, axis) -> candidates.add(Map.entry(size, List.of(axis))));
    sizes.forEach(
        (one, first) ->
            sizes.forEach(
                (two, second) ->
                    candidates.add(
                        Map.entry(
                            IntStream.range(0, graphs.size())
                                .mapToObj(s -> one.get(s) * two.get(s))
                                .toList(),
                            List.of(first, second)))));
    for (Map.Entry<List<Long>, List<Axis>> candidate : candidates) {
      List<Long> size = candidate.getKey();
      double exact = all.get(0)[0] * (double) size.get(0);
      double rounded = Math.rint(exact);
      double factor = Math.abs(exact - rounded) <= 1e-5 * Math.abs(rounded) ? rounded : exact;
      if (all(s -> isNear(all.get(s)[0], factor / size.get(s)))) {
        return new Formula.Quotient(factor, new Count(0, candidate.getValue()));
      }
    }
    return null;
  }

  private static boolean isNear(float value, double expected) {
    return Math.abs(value - expected) <= Math.ulp(value);
  }

  /** A pattern of at most four along each axis. */
  private @Nullable Formula repeated(List<Tensor> tensors) {
    int rank = tensors.get(0).rank();
    if (tensors.stream().anyMatch(tensor -> tensor.rank() != rank)) {
      return null;
    }
    int[] pattern = new int[rank];
    List<Count> shape = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      int at = axis;
      Count size = number(tensors.stream().map(tensor -> (long) tensor.size(at)).toList());
      if (size == null) {
        return null;
      }
      shape.add(size);
      pattern[axis] = size.factors().isEmpty() ? Math.toIntExact(size.plus()) : 1;
    }
    for (int period = 1; period <= LONGEST_PATTERN; period++) {
      for (int axis = 0; axis < rank; axis++) {
        pattern[axis] = shape.get(axis).factors().isEmpty() ? pattern[axis] : period;
      }
      float[] values = corner(tensors.get(0), pattern);
      if (values.length > 0 && tensors.stream().allMatch(t -> isRepeated(t, values, pattern))) {
        return new Formula.Repeated(Tensor.of(values, pattern), shape);
      }
    }
    return null;
  }

  private static float[] corner(Tensor tensor, int[] pattern) {
    for (int axis = 0; axis < pattern.length; axis++) {
      if (tensor.size(axis) < pattern[axis]) {
        return new float[0];
      }
    }
    float[] all = tensor.toFloatArray();
    float[] values = new float[Math.toIntExact(Tensor.elements(pattern))];
    for (int i = 0; i < values.length; i++) {
      values[i] = all[index(i, pattern, tensor.shape())];
    }
    return values;
  }

  private static boolean isRepeated(Tensor tensor, float[] values, int[] pattern) {
    int[] shape = tensor.shape();
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] % pattern[axis] != 0) {
        return false;
      }
    }
    float[] all = tensor.toFloatArray();
    for (int i = 0; i < all.length; i++) {
      if (all[i] != values[index(i, shape, pattern)]) {
        return false;
      }
    }
    return true;
  }

  /** Where an element of one array lies in another, whose sizes it may pass. */
  private static int index(int element, int[] from, int[] to) {
    int rest = element;
    int index = 0;
    int stride = 1;
    for (int axis = from.length - 1; axis >= 0; axis--) {
      index += rest % from[axis] % to[axis] * stride;
      rest /= from[axis];
      stride *= to[axis];
    }
    return index;
  }

  private static UnsupportedModelException refusal(String what) {
    return new UnsupportedModelException(
        "The sizes of the input cannot stay open: "
            + what
            + ". Say one size (withShapes, --size).");
  }
}
