package dev.keralens.keras.recurrent;

import dev.keralens.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a recurrent layer does at one step of its sequence. A state that is null is zero. */
public interface RecurrentCell {
  /**
   * What a step gives.
   *
   * @param output (batch, units)
   * @param states the states after it, each (batch, units)
   */
  record Step(Value output, List<@Nullable Value> states) {}

  /** {@return the number of states} */
  int states();

  /**
   * {@return what can be computed for all steps at once}
   *
   * @param sequence (batch, time, features), or one step: (batch, features)
   */
  Value prepare(Value sequence);

  /**
   * {@return one step}
   *
   * @param x what {@link #prepare} gave for it
   * @param states the states before it
   */
  Step step(Value x, List<@Nullable Value> states);
}
