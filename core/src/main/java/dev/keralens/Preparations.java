package dev.keralens;

import dev.keralens.explain.PassListener;
import dev.keralens.explain.run.BatchMaps;
import dev.keralens.explain.run.Part;
import dev.keralens.explain.run.Routine;
import dev.keralens.explain.run.Routines;
import dev.keralens.explain.run.Setting;
import dev.keralens.graph.Shape;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routines of an explainer, by what they are specialised to. Each is prepared when it is first
 * used; those that were used last are kept.
 */
final class Preparations implements AutoCloseable {
  private static final int KEPT = 8;

  /** Above this many rows of gradients, the units of an image are explained in several runs. */
  private static final int ROWS_AT_ONCE = 64;

  private final PassListener passes;
  private final Planner planner;
  private final List<Task> tasks;
  private final SharedCache<Key, Routine> routines;

  /** Which units a graph explains. */
  private enum Kind {
    /** Those that are given with each batch. */
    GIVEN,
    /** Those that are given with each batch, for each place of the output. */
    BY_PLACE,
    /** The highest of each image. */
    HIGHEST,
    /** The highest are found, and not explained. */
    CHOICE,
    /** Those that are given with each batch are scored, and not explained. */
    SCORES,
    /** Those that are given for each place of the output are scored, and not explained. */
    SCORES_BY_PLACE
  }

  /** What graphs are specialised to. */
  private record Key(List<Shape> shapes, int units, Kind kind) {}

  /**
   * Nothing is prepared yet.
   *
   * @param model the model's name
   * @param passes hears of the passes of methods that run the network many times
   */
  Preparations(String model, Planner planner, List<Task> tasks, PassListener passes) {
    this.passes = passes;
    this.planner = planner;
    this.tasks = tasks;
    this.routines =
        new SharedCache<>(
            KEPT, "The explainer of " + model + " is closed.", this::routine, Routine::close);
  }

  /** All parts are of one network: they are put together in one graph. */
  List<Part> parts(List<Shape> shapes, int units, boolean highest) {
    return parts(new Key(shapes, units, highest ? Kind.HIGHEST : Kind.GIVEN));
  }

  private List<Part> parts(Key key) {
    ResolvedObjective objective = planner.objective(key.shapes());
    List<Part> parts = new ArrayList<>();
    for (Task task : tasks) {
      parts.add(part(task, key, objective));
    }
    return parts;
  }

  /** One part, of one given unit. */
  Part part(Task task, List<Shape> shapes) {
    return part(task, new Key(shapes, 1, Kind.GIVEN), planner.objective(shapes));
  }

  private Part part(Task task, Key key, ResolvedObjective objective) {
    return new Part(
        task.method(),
        setting(task, key, objective),
        shapes -> setting(task, key, planner.objective(shapes)));
  }

  private Setting setting(Task task, Key key, ResolvedObjective objective) {
    boolean byPlace = key.kind() == Kind.BY_PLACE || key.kind() == Kind.SCORES_BY_PLACE;
    boolean highest = key.kind() == Kind.HIGHEST || key.kind() == Kind.CHOICE;
    return planner.setting(task, objective, key.units(), highest, byPlace);
  }

  private Routine routine(Key key) {
    return switch (key.kind()) {
      case CHOICE, SCORES, SCORES_BY_PLACE ->
          Routines.scores(setting(tasks.get(0), key, planner.objective(key.shapes())));
      case GIVEN, BY_PLACE, HIGHEST -> Routines.of(parts(key));
    };
  }

  /** Scores one batch, and explains nothing. */
  BatchMaps score(List<Shape> shapes, List<Tensor> inputs, UnitIndices units) {
    Tensor given = units.given();
    Kind kind =
        given == null ? Kind.CHOICE : given.rank() == 2 ? Kind.SCORES : Kind.SCORES_BY_PLACE;
    return run(new Key(shapes, units.count(), kind), inputs, given).get(0);
  }

  /** Explains one batch, the units in as many runs as their number needs. */
  List<BatchMaps> explain(List<Shape> shapes, List<Tensor> inputs, UnitIndices units) {
    int count = units.count();
    int chunk = chunk(count, inputs.get(0).size(0));
    Tensor given = units.given();
    if (given == null && count <= chunk) {
      return run(new Key(shapes, count, Kind.HIGHEST), inputs, null);
    }
    Tensor all =
        given == null
            ? run(new Key(shapes, count, Kind.CHOICE), inputs, null).get(0).units()
            : given;
    List<List<BatchMaps>> chunks = new ArrayList<>();
    for (int from = 0; from < count; from += chunk) {
      int to = Math.min(count, from + chunk);
      chunks.add(
          run(
              new Key(shapes, to - from, ofGiven(all)),
              inputs,
              UnitColumns.columns(all, from, to)));
    }
    return UnitColumns.join(chunks);
  }

  private static int chunk(int count, int rows) {
    return Math.max(1, Math.min(count, ROWS_AT_ONCE / rows));
  }

  private static Kind ofGiven(Tensor units) {
    return units.rank() == 2 ? Kind.GIVEN : Kind.BY_PLACE;
  }

  /** Compiles what {@link #explain} uses for a batch of some rows. */
  void prepare(List<Shape> shapes, UnitIndices units, int rows) {
    int count = units.count();
    int chunk = chunk(count, rows);
    Tensor given = units.given();
    if (given == null && count <= chunk) {
      prepare(new Key(shapes, count, Kind.HIGHEST), rows);
      return;
    }
    if (given == null) {
      prepare(new Key(shapes, count, Kind.CHOICE), rows);
    }
    Kind kind = given == null ? Kind.GIVEN : ofGiven(given);
    prepare(new Key(shapes, chunk, kind), rows);
    if (count % chunk != 0) {
      prepare(new Key(shapes, count % chunk, kind), rows);
    }
  }

  private void prepare(Key key, int rows) {
    routines.use(
        key,
        routine -> {
          routine.prepare(rows);
          return key;
        });
  }

  private List<BatchMaps> run(Key key, List<Tensor> inputs, @Nullable Tensor units) {
    return routines.use(key, routine -> routine.run(inputs, units, passes));
  }

  @Override
  public void close() {
    routines.close();
  }
}
