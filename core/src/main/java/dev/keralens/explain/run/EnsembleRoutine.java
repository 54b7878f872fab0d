package dev.keralens.explain.run;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Method;
import dev.keralens.explain.PassListener;
import dev.keralens.explain.Passes;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probe;
import dev.keralens.runtime.engine.Ahead;
import dev.keralens.runtime.engine.Interrupts;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Runs the passes of an {@link Ensemble}. */
final class EnsembleRoutine implements Routine {
  /*
   * While the network answers a question, one other thread makes the next question, and one takes the
   * last answer. So a method may draw noise and sum maps without making the network wait, and holds two
   * questions and two answers at most, however many passes there are.
   */
  private final Method method;
  private final Plan plan;
  private final NetworkProbes probes;
  private final ScoreRoutine scores;
  private final Finish finish;
  private final Executor helpers;

  private EnsembleRoutine(
      Method method,
      Plan plan,
      NetworkProbes probes,
      ScoreRoutine scores,
      Finish finish,
      Executor helpers) {
    this.method = method;
    this.plan = plan;
    this.probes = probes;
    this.scores = scores;
    this.finish = finish;
    this.helpers = helpers;
  }

  static EnsembleRoutine prepare(Ensemble method, Part part) {
    NetworkProbes probes = new NetworkProbes(part);
    try {
      Plan plan = method.plan(probes);
      return new EnsembleRoutine(
          method,
          plan,
          probes,
          probes.scoresOfImages(),
          new Finish(part.setting(), plan.joining()),
          part.setting().runtime().executor());
    } catch (RuntimeException | Error e) {
      probes.close();
      throw e;
    }
  }

  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units, PassListener listener) {
    ScoreRoutine.Chosen chosen =
        units != null && plan.beginsWithImages() ? null : scores.choose(inputs, units);
    Tensor explained = chosen == null ? Objects.requireNonNull(units) : chosen.units();
    List<Tensor> observed = chosen == null ? List.of() : chosen.observed();
    Tensor known = chosen == null ? null : chosen.scores();
    Passes passes = plan.begin(new Batch(inputs, explained, known, observed));
    Probe.Answer first = ask(passes, listener);
    List<Tensor> out = finish.run(passes.maps());
    int images = inputs.get(0).size(0);
    Tensor scored = known == null ? Objects.requireNonNull(first).scores().rows(0, images) : known;
    Tensor outputs =
        chosen == null
            ? Objects.requireNonNull(Objects.requireNonNull(first).outputs()).rows(0, images)
            : chosen.outputs();
    return List.of(
        new BatchMaps(
            out.get(0), scored, outputs, explained, out.get(1), out.get(2), passes.gaps()));
  }

  /** Asks all questions. Returns the first answer; null where there is no question. */
  private Probe.@Nullable Answer ask(Passes passes, PassListener listener) {
    int count = passes.count();
    Ahead<Passes.Question> next = count == 0 ? null : question(passes, 0);
    Ahead<Boolean> added = null;
    Probe.Answer first = null;
    for (int i = 0; next != null; i++) {
      Passes.Question question = next.get();
      boolean ahead = !passes.oneAfterAnother();
      next = ahead && i + 1 < count ? question(passes, i + 1) : null;
      Interrupts.check();
      Probe.Answer answer = question.probe().ask(question.inputs(), question.units());
      first = first == null ? answer : first;
      if (added != null) {
        added.get();
      }
      int index = i;
      added = Ahead.of(helpers, () -> passes.add(index, answer));
      if (!ahead && i + 1 < count) {
        added.get();
        next = question(passes, i + 1);
      }
      listener.passed(method, i + 1, count);
    }
    if (added != null) {
      added.get();
    }
    return first;
  }

  private Ahead<Passes.Question> question(Passes passes, int index) {
    return Ahead.supply(helpers, () -> passes.question(index));
  }

  @Override
  public void prepare(int batch) {
    probes.prepare(batch);
  }

  @Override
  public void close() {
    probes.close();
    finish.close();
  }
}
