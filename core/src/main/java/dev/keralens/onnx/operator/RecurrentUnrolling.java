package dev.keralens.onnx.operator;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LSTM, GRU and RNN, step by step.
 *
 * <p>The inputs' part of all gates is one product for all steps; the state's part is one product a
 * step. Shapes, as ONNX has them: x (steps, batch, inputs), kernels (directions, gates * units,
 * inputs or units), outputs (steps, directions, batch, units).
 */
final class RecurrentUnrolling {
  private static final int MOST_STEPS = 2000;

  private final OnnxNode node;
  private final GraphBuilder b;
  private final int gates;
  private final int units;
  private final boolean batchFirst;
  private final Value x;
  private final int steps;

  RecurrentUnrolling(OnnxNode node, int gates) {
    this.node = node;
    this.b = node.builder();
    this.gates = gates;
    this.batchFirst = node.intAttribute("layout", 0) != 0;
    Value given = node.value(0);
    if (given.rank() != 3) {
      throw new IllegalArgumentException("its input %s has not three axes".formatted(given));
    }
    this.x = batchFirst ? b.transpose(given, 1, 0, 2) : given;
    this.units = node.intAttribute("hidden_size", node.shape(2).size(2));
    this.steps = x.shape().size(0);
    requireSupported();
  }

  private void requireSupported() {
    if (steps < 0) {
      throw new Refusal("its steps are the batch");
    }
    if (steps > MOST_STEPS) {
      throw new Refusal("it has %d steps, at most %d are supported".formatted(steps, MOST_STEPS));
    }
    if (!RecurrentOperators.isAll(node, 4, steps)) {
      throw new Refusal("its sequences differ in length");
    }
    if (!RecurrentOperators.isZero(node, 7)
        || node.hasAttribute("clip")
        || node.intAttribute("input_forget", 0) != 0) {
      throw new Refusal("peepholes, clipping and coupled gates are not supported");
    }
  }

  /** One step. */
  interface Step {
    /**
     * Computes the next state.
     *
     * @param cell the layer
     * @param input the inputs' part of the gates (batch, gates * units)
     * @param state the state: the output, and for an LSTM the cell's; null for zero
     * @return the next state
     */
    List<Value> next(Direction cell, Value input, List<@Nullable Value> state);
  }

  /** One direction of the layer, its kernels and its activations. */
  final class Direction {
    private final int index;
    private final Value kernel;
    private final Value recurrent;
    private final @Nullable Value inputBias;
    private final @Nullable Value stateBias;

    Direction(int index) {
      this.index = index;
      this.kernel = b.transpose(part(node.value(1)), 1, 0);
      this.recurrent = b.transpose(part(node.value(2)), 1, 0);
      Value bias = node.optionalValue(3);
      Value own = bias == null ? null : part(bias);
      int width = gates * units;
      this.inputBias = own == null ? null : piece(own, 0, 0, width);
      this.stateBias = own == null ? null : piece(own, 0, width, 2 * width);
    }

    RecurrentUnrolling layer() {
      return RecurrentUnrolling.this;
    }

    private Value part(Value weights) {
      return b.squeeze(piece(weights, 0, index, index + 1), 0);
    }

    /** The inputs' part of the gates of all steps: (steps, batch, gates * units). */
    Value inputs() {
      return plus(b.matMul(x, kernel), inputBias);
    }

    Value plus(Value value, @Nullable Value bias) {
      return bias == null ? value : b.add(value, bias);
    }

    /** The state's part of some gates, from one gate to another. */
    @Nullable Value ofState(@Nullable Value state, int from, int to) {
      Value bias = stateBias == null ? null : piece(stateBias, 0, from * units, to * units);
      if (state == null) {
        return bias;
      }
      return plus(b.matMul(state, piece(recurrent, 1, from * units, to * units)), bias);
    }

    Value gate(Value all, int gate) {
      return piece(all, all.rank() - 1, gate * units, (gate + 1) * units);
    }

    Value activation(int position, Value value, String... usual) {
      return RecurrentActivations.apply(
          node, index * usual.length + position, usual[position], value);
    }
  }

  private Value piece(Value value, int axis, int from, int to) {
    return from == 0 && to == value.shape().size(axis)
        ? value
        : b.slice(value, new int[] {axis}, new int[] {from}, new int[] {to});
  }

  private Value sum(Value a, @Nullable Value other) {
    return other == null ? a : b.add(a, other);
  }

  /** Gates in the order input, output, forget, cell. */
  static List<Value> lstm(Direction cell, Value input, List<@Nullable Value> state) {
    RecurrentUnrolling layer = cell.layer();
    GraphBuilder b = layer.b;
    Value all = layer.sum(input, cell.ofState(state.get(0), 0, 4));
    String[] usual = {"Sigmoid", "Tanh", "Tanh"};
    Value in = cell.activation(0, cell.gate(all, 0), usual);
    Value out = cell.activation(0, cell.gate(all, 1), usual);
    Value fresh = b.mul(in, cell.activation(1, cell.gate(all, 3), usual));
    Value before = state.get(1);
    Value forget = cell.activation(0, cell.gate(all, 2), usual);
    Value memory = before == null ? fresh : b.add(b.mul(forget, before), fresh);
    return List.of(b.mul(out, cell.activation(2, memory, usual)), memory);
  }

  /** Gates in the order update, reset, hidden. */
  static List<Value> gru(Direction cell, Value input, List<@Nullable Value> state) {
    RecurrentUnrolling layer = cell.layer();
    GraphBuilder b = layer.b;
    String[] usual = {"Sigmoid", "Tanh"};
    Value before = state.get(0);
    Value both = layer.sum(layer.piece(input, 1, 0, 2 * layer.units), cell.ofState(before, 0, 2));
    Value update = cell.activation(0, cell.gate(both, 0), usual);
    Value reset = cell.activation(0, cell.gate(both, 1), usual);
    Value hidden;
    if (layer.node.intAttribute("linear_before_reset", 0) != 0) {
      Value ofState = cell.ofState(before, 2, 3);
      hidden = layer.sum(cell.gate(input, 2), ofState == null ? null : b.mul(reset, ofState));
    } else {
      Value kept = before == null ? null : b.mul(reset, before);
      hidden = layer.sum(cell.gate(input, 2), cell.ofState(kept, 2, 3));
    }
    Value fresh = cell.activation(1, hidden, usual);
    Value rest = b.mul(b.sub(b.cast(b.scalar(1), update.type()), update), fresh);
    return List.of(before == null ? rest : b.add(rest, b.mul(update, before)));
  }

  static List<Value> simple(Direction cell, Value input, List<@Nullable Value> state) {
    RecurrentUnrolling layer = cell.layer();
    Value all = layer.sum(input, cell.ofState(state.get(0), 0, 1));
    return List.of(cell.activation(0, all, "Tanh"));
  }

  List<Known> outputs(Step step) {
    String direction = node.stringAttribute("direction", "forward");
    int count = direction.equals("bidirectional") ? 2 : 1;
    List<List<Value>> outputs = new ArrayList<>();
    List<List<Value>> last = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      boolean backward = direction.equals("reverse") || index == 1;
      run(new Direction(index), step, backward, outputs, last);
    }
    List<Known> out = new ArrayList<>();
    out.add(new Known.Computed(sequence(outputs)));
    for (int state = 0; state < last.get(0).size(); state++) {
      List<Value> parts = new ArrayList<>();
      for (List<Value> states : last) {
        parts.add(b.unsqueeze(states.get(state), batchFirst ? 1 : 0));
      }
      out.add(new Known.Computed(b.concat(batchFirst ? 1 : 0, parts)));
    }
    return out;
  }

  private void run(
      Direction cell,
      Step step,
      boolean backward,
      List<List<Value>> outputs,
      List<List<Value>> last) {
    Value inputs = cell.inputs();
    List<@Nullable Value> state = new ArrayList<>();
    state.add(initial(5, cell.index));
    state.add(gates == 4 ? initial(6, cell.index) : null);
    List<Value> all = new ArrayList<>();
    List<Value> now = List.of();
    for (int i = 0; i < steps; i++) {
      int position = backward ? steps - 1 - i : i;
      now = step.next(cell, b.squeeze(piece(inputs, 0, position, position + 1), 0), state);
      state.clear();
      state.addAll(now);
      all.add(now.get(0));
    }
    if (backward) {
      Collections.reverse(all);
    }
    outputs.add(all);
    last.add(now);
  }

  private @Nullable Value initial(int input, int index) {
    if (RecurrentOperators.isZero(node, input)) {
      return null;
    }
    Value given = node.value(input);
    Value states = batchFirst ? b.transpose(given, 1, 0, 2) : given;
    return b.squeeze(piece(states, 0, index, index + 1), 0);
  }

  private Value sequence(List<List<Value>> outputs) {
    List<Value> rows = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      List<Value> directions = new ArrayList<>();
      for (List<Value> direction : outputs) {
        directions.add(b.unsqueeze(direction.get(i), 0, 1));
      }
      rows.add(b.concat(1, directions));
    }
    Value sequence = b.concat(0, rows);
    return batchFirst ? b.transpose(sequence, 2, 0, 1, 3) : sequence;
  }
}
