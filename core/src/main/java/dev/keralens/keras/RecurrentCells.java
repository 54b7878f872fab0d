package dev.keralens.keras;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Value;
import dev.keralens.keras.file.SubLayer;
import dev.keralens.keras.file.WeightPart;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The cells that recurrent layers repeat, by the class of the cell.
 *
 * <p>To add one, add a row here and a case of {@code RNN} to {@code LayerGoldenTest}'s data.
 */
final class RecurrentCells {
  /**
   * A class of cells.
   *
   * @param maker makes a cell from its arguments and weights; the text comes before a weight's name
   * @param parts which weights and inner cells it holds
   */
  record CellType(
      BiFunction<LayerContext, String, RecurrentCell> maker,
      Function<LayerConfig, List<WeightPart>> parts) {}

  static final Map<String, CellType> TYPES =
      Map.ofEntries(
          entry("GRUCell", new CellType(Gru::new, config -> weights(config, ""))),
          entry("LSTMCell", new CellType(Lstm::new, config -> weights(config, ""))),
          entry("SimpleRNNCell", new CellType(Simple::new, config -> weights(config, ""))),
          entry("StackedRNNCells", new CellType((c, p) -> new Stacked(c), Stacked::parts)));

  private RecurrentCells() {}

  /** {@return kernel, recurrent kernel and bias} */
  static List<WeightPart> weights(LayerConfig config, String prefix) {
    return config.flag("use_bias", true)
        ? WeightLists.trainable(prefix + "kernel", prefix + "recurrent_kernel", prefix + "bias")
        : WeightLists.trainable(prefix + "kernel", prefix + "recurrent_kernel");
  }

  /**
   * {@return the cell that an argument of a layer describes}
   *
   * @param layer the layer
   * @param attribute where the layer holds it: {@code cell}, or {@code cells/0}
   * @param envelope its class and arguments
   */
  static RecurrentCell of(LayerContext layer, String attribute, JsonNode envelope) {
    String className = envelope.path("class_name").asText();
    CellType type = TYPES.get(className.substring(className.lastIndexOf('>') + 1));
    if (type == null) {
      throw layer.unsupported(
          "its cell is of the class '%s', for which there is no builder. Give one for this layer"
                  .formatted(className)
              + " (LayerRegistry.withLayer(\"%s\", builder)).".formatted(layer.name()));
    }
    return type.maker().apply(layer.inner(attribute, envelope), "");
  }

  private static Value activate(LayerContext layer, String key, Value x) {
    return Activations.apply(layer, key, KerasTensor.plain(x)).value();
  }

  /** {@return h * recurrent kernel + x; x alone where h is zero} */
  private static Value recur(GraphBuilder graph, @Nullable Value h, Value kernel, Value x) {
    return h == null ? x : graph.add(graph.matMul(h, kernel), x);
  }

  private static Value columns(GraphBuilder graph, Value x, int from, int to) {
    int[] axis = {x.rank() - 1};
    return graph.slice(x, axis, new int[] {from}, new int[] {to});
  }

  private static Weight columns(Weight weight, int from, int to) {
    int[] shape = weight.shape();
    shape[1] = to - from;
    return weight.map(
        "columns" + from + "to" + to,
        shape,
        tensor -> tensor.transpose(1, 0).rows(from, to).transpose(1, 0));
  }

  /** h = activation(x * kernel + bias + h * recurrent kernel). */
  static final class Simple implements RecurrentCell {
    private final LayerContext layer;
    private final String prefix;

    Simple(LayerContext layer, String prefix) {
      this.layer = layer;
      this.prefix = prefix;
    }

    @Override
    public int states() {
      return 1;
    }

    @Override
    public Value prepare(Value sequence) {
      return project(layer, prefix, sequence, null);
    }

    @Override
    public Step step(Value x, List<@Nullable Value> states) {
      Value kernel = layer.weight(prefix + "recurrent_kernel").value();
      Value sum = recur(layer.graph(), states.get(0), kernel, x);
      Value h = activate(layer, "activation", sum);
      return new Step(h, List.of(h));
    }
  }

  /** x * kernel + bias, where the bias may be another form of the one in the file. */
  static Value project(
      LayerContext layer, String prefix, Value sequence, @Nullable Weight otherBias) {
    Weight kernel = layer.weight(prefix + "kernel");
    if (kernel.rank() != 2 || kernel.shape()[0] != sequence.shape().size(-1)) {
      throw new IllegalArgumentException(
          "%s takes %d features, got %s.".formatted(kernel, kernel.shape()[0], sequence.shape()));
    }
    Weight bias =
        otherBias != null || !layer.config().flag("use_bias", true)
            ? otherBias
            : layer.weight(prefix + "bias", kernel.shape()[1]);
    return Matrices.affine(
        layer.graph(), sequence, kernel.value(), bias == null ? null : bias.value());
  }

  /**
   * Long short-term memory: of Hochreiter and Schmidhuber, 1997, with a forget gate. The gates'
   * columns are input, forget, candidate, output.
   */
  static final class Lstm implements RecurrentCell {
    private final LayerContext layer;
    private final String prefix;

    Lstm(LayerContext layer, String prefix) {
      this.layer = layer;
      this.prefix = prefix;
    }

    @Override
    public int states() {
      return 2;
    }

    @Override
    public Value prepare(Value sequence) {
      return project(layer, prefix, sequence, null);
    }

    @Override
    public Step step(Value x, List<@Nullable Value> states) {
      Value kernel = layer.weight(prefix + "recurrent_kernel").value();
      Value gates = recur(layer.graph(), states.get(0), kernel, x);
      return step(layer, gates, states.get(1), x.rank() - 1);
    }

    /** The step from the sums of all four gates, which lie one after another along an axis. */
    static Step step(LayerContext layer, Value gates, @Nullable Value memory, int axis) {
      GraphBuilder graph = layer.graph();
      int units = gates.shape().size(axis) / 4;
      List<Value> parts = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        parts.add(
            graph.slice(
                gates, new int[] {axis}, new int[] {i * units}, new int[] {(i + 1) * units}));
      }
      Value input = activate(layer, "recurrent_activation", parts.get(0));
      Value candidate = activate(layer, "activation", parts.get(2));
      Value output = activate(layer, "recurrent_activation", parts.get(3));
      Value next = graph.mul(input, candidate);
      if (memory != null) {
        Value forget = activate(layer, "recurrent_activation", parts.get(1));
        next = graph.add(graph.mul(forget, memory), next);
      }
      Value h = graph.mul(output, activate(layer, "activation", next));
      return new Step(h, List.of(h, next));
    }
  }

  /**
   * Gated recurrent unit: of Cho et al., 2014. The gates' columns are update, reset, candidate. The
   * reset gate acts on the state's product with the recurrent kernel ({@code reset_after}), which
   * then has a bias of its own, or on the state before it.
   */
  static final class Gru implements RecurrentCell {
    private final LayerContext layer;
    private final String prefix;
    private final boolean after;
    private final int units;

    Gru(LayerContext layer, String prefix) {
      this.layer = layer;
      this.prefix = prefix;
      this.units = layer.weight(prefix + "recurrent_kernel").shape()[0];
      boolean biased = layer.config().flag("use_bias", true);
      boolean twoBiases = biased && layer.weight(prefix + "bias").rank() == 2;
      this.after = biased ? twoBiases : layer.config().flag("reset_after", false);
    }

    @Override
    public int states() {
      return 1;
    }

    private Weight bias(int row) {
      return layer
          .weight(prefix + "bias")
          .map("row" + row, new int[] {3 * units}, tensor -> tensor.row(row));
    }

    private boolean hasTwoBiases() {
      return after && layer.config().flag("use_bias", true);
    }

    @Override
    public Value prepare(Value sequence) {
      return project(layer, prefix, sequence, hasTwoBiases() ? bias(0) : null);
    }

    @Override
    public Step step(Value x, List<@Nullable Value> states) {
      GraphBuilder graph = layer.graph();
      Value h = states.get(0);
      Weight kernel = layer.weight(prefix + "recurrent_kernel");
      Value gates = columns(graph, x, 0, 2 * units);
      Value candidate = columns(graph, x, 2 * units, 3 * units);
      Value recurrent = null;
      if (after) {
        recurrent = h == null ? null : graph.matMul(h, kernel.value());
        if (hasTwoBiases()) {
          Value bias = bias(1).value();
          recurrent = recurrent == null ? bias : graph.add(recurrent, bias);
        }
        gates =
            recurrent == null ? gates : graph.add(gates, columns(graph, recurrent, 0, 2 * units));
      } else if (h != null) {
        gates = graph.add(gates, graph.matMul(h, columns(kernel, 0, 2 * units).value()));
      }
      gates = activate(layer, "recurrent_activation", gates);
      Value update = columns(graph, gates, 0, units);
      Value reset = columns(graph, gates, units, 2 * units);
      if (recurrent != null) {
        Value inner = columns(graph, recurrent, 2 * units, 3 * units);
        candidate = graph.add(candidate, graph.mul(reset, inner));
      } else if (!after && h != null) {
        Value columns = columns(kernel, 2 * units, 3 * units).value();
        candidate = graph.add(candidate, graph.matMul(graph.mul(reset, h), columns));
      }
      candidate = activate(layer, "activation", candidate);
      Value fresh = graph.mul(graph.sub(graph.scalar(1), update), candidate);
      Value next = h == null ? fresh : graph.add(graph.mul(update, h), fresh);
      return new Step(next, List.of(next));
    }
  }

  /** Several cells, each fed with the output of the one before it. */
  static final class Stacked implements RecurrentCell {
    private final List<RecurrentCell> cells = new ArrayList<>();

    Stacked(LayerContext layer) {
      if (layer.config().flag("reverse_state_order", false)) {
        throw layer.unsupported("reverse_state_order=True is not supported.");
      }
      for (SubLayer inner : inner(layer.config())) {
        cells.add(of(layer, inner.attribute(), inner.layer()));
      }
      if (cells.isEmpty()) {
        throw layer.invalid("it has no cells.");
      }
    }

    static List<WeightPart> parts(LayerConfig config) {
      return List.copyOf(inner(config));
    }

    private static List<SubLayer> inner(LayerConfig config) {
      List<SubLayer> inner = new ArrayList<>();
      for (JsonNode cell : config.node("cells")) {
        inner.add(new SubLayer("cells/" + inner.size(), cell));
      }
      return inner;
    }

    @Override
    public int states() {
      return cells.stream().mapToInt(RecurrentCell::states).sum();
    }

    @Override
    public Value prepare(Value sequence) {
      return cells.get(0).prepare(sequence);
    }

    @Override
    public Step step(Value x, List<@Nullable Value> states) {
      Value output = x;
      List<@Nullable Value> after = new ArrayList<>();
      for (RecurrentCell cell : cells) {
        List<@Nullable Value> own = states.subList(after.size(), after.size() + cell.states());
        Value prepared = cell == cells.get(0) ? x : cell.prepare(output);
        Step step = cell.step(prepared, own);
        output = step.output();
        after.addAll(step.states());
      }
      return new Step(output, after);
    }
  }

  /** {@return the sum of the halves of a bias that CuDNN adds in two places} */
  static Weight folded(Weight bias) {
    int half = bias.shape()[0] / 2;
    return bias.map(
        "folded",
        new int[] {half},
        tensor -> {
          float[] values = tensor.toFloatArray();
          float[] sums = Arrays.copyOf(values, half);
          for (int i = 0; i < half; i++) {
            sums[i] += values[half + i];
          }
          return Tensor.of(sums, half);
        });
  }
}
