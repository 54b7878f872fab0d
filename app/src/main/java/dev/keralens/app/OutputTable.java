package dev.keralens.app;

import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.DetectedBoxes;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is said of an output that is no scores of units: the highest unit of each step, how much of
 * a map each unit has, the boxes of a detector, or the range of the numbers.
 */
final class OutputTable {
  /** More steps of an image are not printed; programs get all. */
  private static final int MOST_STEPS = 20;

  private enum Kind {
    BOXES,
    STEPS,
    SHARES,
    RANGE
  }

  private final Subject subject;
  private final Kind kind;
  private final @Nullable DetectedBoxes boxes;
  private final int unitAxis;
  private final int units;
  private final int top;
  private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
  private final Table table;
  private int leftOut;

  private OutputTable(
      Subject subject,
      Kind kind,
      @Nullable DetectedBoxes boxes,
      @Nullable ResolvedObjective objective,
      int top) {
    this.subject = subject;
    this.kind = kind;
    this.boxes = boxes;
    this.unitAxis = objective == null ? -1 : objective.unitAxis().axis();
    this.units = objective == null ? 0 : objective.units();
    this.top = top;
    List<String> titles = new ArrayList<>(List.of("image"));
    titles.addAll(
        switch (kind) {
          case BOXES -> named(List.of(">unit"), List.of(">score", "box x1,y1,x2,y2"));
          case STEPS -> named(List.of(">step", ">unit"), List.of(">" + title()));
          case SHARES ->
              named(List.of(">unit"), List.of(">highest in", ">mean " + title(), ">maximum"));
          case RANGE -> List.of(">minimum", ">mean", ">maximum", "maximum at");
        });
    this.table = new Table(titles.toArray(String[]::new));
  }

  private List<String> named(List<String> before, List<String> after) {
    List<String> all = new ArrayList<>(before);
    if (!subject.classes().isEmpty()) {
      all.add("class");
    }
    all.addAll(after);
    return all;
  }

  private String title() {
    return subject.endsInProbabilities() ? "probability" : "output";
  }

  /**
   * What suits the output that is looked at.
   *
   * @param form what the numbers of a detector's boxes are; null for what the model proves
   * @param background the class that stands for no object; null for none
   * @param top how many units or boxes of each image are shown
   */
  static OutputTable of(
      Subject subject, @Nullable BoxForm form, @Nullable Integer background, int top) {
    DetectedBoxes boxes = boxes(subject, form);
    if (boxes != null) {
      return new OutputTable(subject, Kind.BOXES, ofObjects(boxes, background), null, top);
    }
    Shape shape = subject.network().outputs().get(subject.output()).shape();
    ResolvedObjective objective = objective(subject);
    boolean areImages = shape.rank() > 0 && shape.size(0) == Shape.BATCH;
    if (!areImages || objective == null || objective.units() < 2) {
      return new OutputTable(subject, Kind.RANGE, null, objective, top);
    }
    Kind kind = objective.places().length == 1 ? Kind.STEPS : Kind.SHARES;
    return new OutputTable(subject, kind, null, objective, top);
  }

  private static @Nullable DetectedBoxes boxes(Subject subject, @Nullable BoxForm form) {
    List<String> names = subject.model().outputNames(subject.inputs().shapes());
    return DetectedBoxes.of(subject.network(), names, subject.output(), form).orElse(null);
  }

  private static DetectedBoxes ofObjects(DetectedBoxes boxes, @Nullable Integer background) {
    try {
      return boxes.withBackground(background);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Whether the output, with those beside it, is boxes. */
  static boolean areBoxes(Subject subject, @Nullable BoxForm form) {
    return boxes(subject, form) != null;
  }

  private static @Nullable ResolvedObjective objective(Subject subject) {
    try {
      return subject.objective(Objective.output().withOutput(subject.output()));
    } catch (UsageException | UnsupportedModelException e) {
      return null;
    }
  }

  /**
   * Adds the images of a batch.
   *
   * @param outputs all that the model gives
   */
  void add(Inputs.Batch batch, List<Tensor> outputs) {
    Tensor output = outputs.get(subject.output());
    if (kind == Kind.RANGE && output.rank() > 0 && output.size(0) != batch.images().size()) {
      range("all", null, output);
      return;
    }
    for (int i = 0; i < batch.images().size(); i++) {
      int image = batch.images().get(i);
      switch (kind) {
        case BOXES -> boxes(batch, outputs, i);
        case STEPS -> steps(image, unitsLast(output.row(i)));
        case SHARES -> shares(image, unitsLast(output.row(i)));
        case RANGE ->
            range(
                subject.inputs().name(image),
                subject.inputs().source(image).toString(),
                output.rank() == 0 ? output : output.row(i));
      }
    }
  }

  /** The output of an image, its units on the last axis. */
  private Tensor unitsLast(Tensor row) {
    int axis = unitAxis - 1;
    int[] others = IntStream.range(0, row.rank()).filter(a -> a != axis).toArray();
    int[] order = IntStream.concat(IntStream.of(others), IntStream.of(axis)).toArray();
    return axis == row.rank() - 1 ? row : row.transpose(order);
  }

  private Map<String, @Nullable Object> row(int image) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("image", subject.inputs().name(image));
    row.put("source", subject.inputs().source(image).toString());
    return row;
  }

  private void putUnit(Map<String, @Nullable Object> row, int unit) {
    row.put("unit", unit);
    row.put("class", subject.classes().isEmpty() ? null : subject.classes().name(unit));
  }

  private void print(int image, boolean first, List<String> before, int unit, List<String> after) {
    List<String> cells = new ArrayList<>(List.of(first ? subject.inputs().name(image) : ""));
    cells.addAll(before);
    cells.add(String.valueOf(unit));
    if (!subject.classes().isEmpty()) {
      cells.add(subject.classes().name(unit));
    }
    cells.addAll(after);
    table.add(cells.toArray(String[]::new));
  }

  private void boxes(Inputs.Batch batch, List<Tensor> outputs, int place) {
    DetectedBoxes detector = boxes;
    if (detector == null) {
      return;
    }
    int image = batch.images().get(place);
    int[] input = subject.explainedInput().places();
    double x = 1;
    double y = 1;
    if (!batch.pictures().isEmpty()) {
      x = (double) batch.pictures().get(place).width() / input[1];
      y = (double) batch.pictures().get(place).height() / input[0];
    }
    boolean first = true;
    for (DetectedBoxes.Detected one : detector.in(outputs, place, top)) {
      double[] edges = {
        one.box().left() * x, one.box().top() * y, one.box().right() * x, one.box().bottom() * y
      };
      Map<String, @Nullable Object> row = row(image);
      putUnit(row, one.unit());
      row.put("score", one.score());
      String[] names = {"x1", "y1", "x2", "y2"};
      List<String> shown = new ArrayList<>();
      for (int i = 0; i < names.length; i++) {
        row.put(names[i], (float) edges[i]);
        shown.add(String.format(Locale.ROOT, "%.0f", edges[i]));
      }
      rows.add(row);
      String box = String.join(",", shown);
      print(image, first, List.of(), one.unit(), List.of(Numbers.exact(one.score()), box));
      first = false;
    }
  }

  private void steps(int image, Tensor output) {
    float[] all = output.toFloatArray();
    for (int step = 0; step < all.length / units; step++) {
      int best = 0;
      for (int unit = 1; unit < units; unit++) {
        best = all[step * units + unit] > all[step * units + best] ? unit : best;
      }
      float value = all[step * units + best];
      Map<String, @Nullable Object> row = row(image);
      row.put("step", step);
      putUnit(row, best);
      row.put("output", finite(value));
      rows.add(row);
      if (step < MOST_STEPS) {
        print(image, step == 0, List.of(String.valueOf(step)), best, List.of(Numbers.exact(value)));
      } else {
        leftOut++;
      }
    }
  }

  private void shares(int image, Tensor output) {
    float[] all = output.toFloatArray();
    int places = all.length / units;
    float[] shares = new float[units];
    double[] sums = new double[units];
    float[] most = new float[units];
    Arrays.fill(most, Float.NEGATIVE_INFINITY);
    for (int place = 0; place < places; place++) {
      int best = 0;
      for (int unit = 0; unit < units; unit++) {
        float value = all[place * units + unit];
        best = value > all[place * units + best] ? unit : best;
        sums[unit] += value;
        most[unit] = Math.max(most[unit], value);
      }
      shares[best] += 1f / places;
    }
    int[] highest = PredictCommand.highest(shares, units);
    for (int i = 0; i < units; i++) {
      int unit = highest[i];
      float mean = (float) (sums[unit] / places);
      Map<String, @Nullable Object> row = row(image);
      putUnit(row, unit);
      row.put("share", shares[unit]);
      row.put("mean", finite(mean));
      row.put("maximum", finite(most[unit]));
      rows.add(row);
      if (i < top) {
        print(
            image,
            i == 0,
            List.of(),
            unit,
            List.of(
                String.format(Locale.ROOT, "%.1f %%", 100 * shares[unit]),
                Numbers.exact(mean),
                Numbers.exact(most[unit])));
      } else {
        leftOut++;
      }
    }
  }

  private void range(String name, @Nullable String source, Tensor output) {
    float[] all = output.toFloatArray();
    double sum = 0;
    int low = 0;
    int high = 0;
    for (int i = 0; i < all.length; i++) {
      sum += all[i];
      low = all[i] < all[low] ? i : low;
      high = all[i] > all[high] ? i : high;
    }
    float mean = (float) (sum / all.length);
    String at = place(output.shape(), high);
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("image", name);
    row.put("source", source);
    row.put("minimum", finite(all[low]));
    row.put("mean", finite(mean));
    row.put("maximum", finite(all[high]));
    row.put("maximum_at", at);
    rows.add(row);
    table.add(name, Numbers.exact(all[low]), Numbers.exact(mean), Numbers.exact(all[high]), at);
  }

  /** Where an element lies, by its axes. */
  private static String place(int[] shape, int element) {
    String[] at = new String[shape.length];
    int rest = element;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = String.valueOf(rest % shape[axis]);
      rest /= shape[axis];
    }
    return String.join(",", at);
  }

  /** JSON has no NaN. */
  private static @Nullable Float finite(float number) {
    return Float.isFinite(number) ? number : null;
  }

  /** All that was found, for programs. */
  List<Map<String, @Nullable Object>> rows() {
    return rows;
  }

  Table table() {
    return table;
  }

  /** That pixels are those of the picture as it was cut or padded, where it was. */
  private String fitted() {
    return subject.inputs() instanceof ImageInputs images && images.fit() != Fit.STRETCH
        ? " as --fit %s makes it".formatted(images.fit().name().toLowerCase(Locale.ROOT))
        : "";
  }

  /** What there is to say of the table; nothing where it has all. */
  String note() {
    String more =
        leftOut == 0
            ? ""
            : "; %d rows are left out, --csv or --json FILE has all".formatted(leftOut);
    DetectedBoxes detector = boxes;
    return switch (kind) {
      case BOXES ->
          "boxes as %s, in pixels of the picture%s; each object once, its class that of the highest score%s"
              .formatted(detector == null ? "" : detector.form().label(), fitted(), more);
      case STEPS -> "the highest unit of each step" + more;
      case SHARES -> "in how much of the map each unit is the highest" + more;
      case RANGE -> "the range of the output" + more;
    };
  }
}
