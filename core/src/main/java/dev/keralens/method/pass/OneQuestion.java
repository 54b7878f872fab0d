package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Probe;
import dev.keralens.tensor.Tensor;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The maps of another method for the images as they are, and what becomes of them. */
public final class OneQuestion implements Passes {
  private final Probe probe;
  private final Batch batch;
  private final Tensor units;
  private final UnaryOperator<Tensor> after;
  private @Nullable Tensor maps;

  public OneQuestion(Probe probe, Batch batch, UnaryOperator<Tensor> after) {
    this(probe, batch, batch.units(), after);
  }

  /**
   * A question of other units.
   *
   * @param units int64 (batch, as many as the probe takes)
   * @param after what becomes of the maps
   */
  public OneQuestion(Probe probe, Batch batch, Tensor units, UnaryOperator<Tensor> after) {
    this.probe = probe;
    this.batch = batch;
    this.units = units;
    this.after = after;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public Question question(int index) {
    return new Question(probe, batch.inputs(), units);
  }

  @Override
  public void add(int index, Probe.Answer answer) {
    maps = answer.requireMaps();
  }

  @Override
  public Tensor maps() {
    return after.apply(Objects.requireNonNull(maps));
  }
}
