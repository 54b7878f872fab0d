package dev.keralens.objective;

import dev.keralens.graph.Value;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a detector predicts, in the graph of its objective, and which prediction is explained. */
public final class PredictedBoxes {
  private final List<Value> corners;
  private final Value classes;
  private final @Nullable Value objectness;
  private final Value chosen;
  private final boolean hasProbabilities;

  PredictedBoxes(
      List<Value> corners,
      Value classes,
      @Nullable Value objectness,
      Value chosen,
      boolean hasProbabilities) {
    this.hasProbabilities = hasProbabilities;
    this.corners = corners;
    this.classes = classes;
    this.objectness = objectness;
    this.chosen = chosen;
  }

  /** {@return left, top, right and bottom in pixels of the input: (batch, boxes) each} */
  public List<Value> corners() {
    return corners;
  }

  /**
   * {@return whether the scores of classes are probabilities, as the model proves or was said of it
   * ({@link Objective#withBoxScores})}
   */
  public boolean hasProbabilities() {
    return hasProbabilities;
  }

  /**
   * {@return the probability of each class, or its score, if these are {@linkplain
   * #hasProbabilities none}: (batch, boxes, classes)}
   */
  public Value classes() {
    return classes;
  }

  /**
   * {@return how likely there is an object: (batch, boxes, 1); null where that is not predicted}
   */
  public @Nullable Value objectness() {
    return objectness;
  }

  /** {@return which prediction is explained: int64 (batch, 1)} */
  public Value chosen() {
    return chosen;
  }

  /** All values. */
  List<Value> all() {
    Stream<Value> others =
        objectness == null ? Stream.of(classes, chosen) : Stream.of(classes, chosen, objectness);
    return Stream.concat(corners.stream(), others).toList();
  }
}
