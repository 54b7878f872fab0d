package dev.keralens.explain;

import dev.keralens.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The passes of an {@link Ensemble} over one batch. Questions are made and answers taken in order,
 * each on one thread at a time, but the next question is made while the network answers the last
 * one.
 */
public interface Passes {
  /** {@return how many questions there are; each may hold several passes as its rows} */
  int count();

  /**
   * {@return a question}
   *
   * @param index its position, from 0
   */
  Question question(int index);

  /**
   * Takes an answer.
   *
   * @param index the position of its question
   * @param answer what the network said
   */
  void add(int index, Probe.Answer answer);

  /** {@return the maps that the answers come to: float (batch, axes..., k)} */
  Tensor maps();

  /**
   * {@return how far the sum of each map is from what it should be by the method's theorem, as a
   * part of that: float (batch, k); null, the default, where maps need not add up to anything}
   */
  default @Nullable Tensor gaps() {
    return null;
  }

  /**
   * {@return whether a question depends on the answer before it, so that it cannot be made while
   * the network answers; by default not}
   */
  default boolean oneAfterAnother() {
    return false;
  }

  /**
   * A question to the network.
   *
   * @param probe what is asked
   * @param inputs the inputs that it is asked of, batch first
   * @param units the units, int64 (batch, k), or as the probe takes them
   */
  record Question(Probe probe, List<Tensor> inputs, Tensor units) {}
}
