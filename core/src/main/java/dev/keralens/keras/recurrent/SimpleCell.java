package dev.keralens.keras.recurrent;

import dev.keralens.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** h = activation(x * kernel + bias + h * recurrent kernel). */
final class SimpleCell implements RecurrentCell {
  private final RecurrentWeights weights;

  SimpleCell(RecurrentWeights weights) {
    this.weights = weights;
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  public Value prepare(Value sequence) {
    return weights.project(sequence, weights.bias());
  }

  @Override
  public Step step(Value x, List<@Nullable Value> states) {
    Value h = weights.activate("activation", weights.recur(states.get(0), x));
    return new Step(h, List.of(h));
  }
}
