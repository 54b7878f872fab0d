package dev.keralens.keras.recurrent;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Long short-term memory: of Hochreiter and Schmidhuber, 1997, with a forget gate. The gates'
 * columns are input, forget, candidate, output.
 */
public final class LstmCell implements RecurrentCell {
  private final RecurrentWeights weights;

  LstmCell(RecurrentWeights weights) {
    this.weights = weights;
  }

  @Override
  public int states() {
    return 2;
  }

  @Override
  public Value prepare(Value sequence) {
    return weights.project(sequence, weights.bias());
  }

  @Override
  public Step step(Value x, List<@Nullable Value> states) {
    Value gates = weights.recur(states.get(0), x);
    return step(weights.layer(), gates, states.get(1), x.rank() - 1);
  }

  /** The step from the sums of all four gates, which lie one after another along an axis. */
  public static Step step(LayerCall layer, Value gates, @Nullable Value memory, int axis) {
    GraphBuilder graph = layer.graph();
    int units = gates.shape().size(axis) / 4;
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      parts.add(
          graph.slice(gates, new int[] {axis}, new int[] {i * units}, new int[] {(i + 1) * units}));
    }
    Value input = RecurrentWeights.activate(layer, "recurrent_activation", parts.get(0));
    Value candidate = RecurrentWeights.activate(layer, "activation", parts.get(2));
    Value output = RecurrentWeights.activate(layer, "recurrent_activation", parts.get(3));
    Value next = graph.mul(input, candidate);
    if (memory != null) {
      Value forget = RecurrentWeights.activate(layer, "recurrent_activation", parts.get(1));
      next = graph.add(graph.mul(forget, memory), next);
    }
    Value h = graph.mul(output, RecurrentWeights.activate(layer, "activation", next));
    return new Step(h, List.of(h, next));
  }
}
