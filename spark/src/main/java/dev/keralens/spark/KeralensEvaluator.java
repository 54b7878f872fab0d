package dev.keralens.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Measures the maps of explained rows: how fast the model's output falls when what a map calls
 * important is taken away (deletion, less is better), or rises when it is put back (insertion, more
 * is better). For each unit of a row, the value is the area below the curve of the output over the
 * share of places, by the trapezoidal rule; the result is the mean of all.
 *
 * <p>Petsiuk et al., "RISE", 2018, section 3.3. Differs from the paper: insertion begins with the
 * baseline, not with a blurred image; places change in {@code steps} equal parts.
 */
public final class KeralensEvaluator extends Evaluator implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;
  private static final List<String> METRICS = List.of("deletion", "insertion");
  private static final List<String> BASELINES = List.of("mean", "zero");

  private final String uid;
  private final StringArrayParam inputCols;
  private final Param<String> explanationCol;
  private final Param<String> modelPath;
  private final BooleanParam broadcast;
  private final Param<String> metricName;
  private final IntParam steps;
  private final Param<String> baseline;
  private final Param<String> device;
  private final Param<String> preprocess;

  /** A measure with a name of its own. */
  public KeralensEvaluator() {
    this("keralens_evaluator_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12));
  }

  /**
   * A measure.
   *
   * @param uid its name
   */
  public KeralensEvaluator(String uid) {
    this.uid = uid; // the parameters ask for it
    this.inputCols = new StringArrayParam(this, "inputCols", "a column for each input");
    this.explanationCol = text("explanationCol", "the column of explanations, with maps");
    this.modelPath = text("modelPath", "the model, as for KeralensExplainer");
    this.broadcast = new BooleanParam(this, "broadcast", "whether the driver sends the model");
    this.metricName = text("metricName", "deletion or insertion");
    this.steps = new IntParam(this, "steps", "in how many parts places are changed");
    this.baseline =
        text("baseline", "what stands where a place is taken away: mean, of each channel, or zero");
    this.device = text("device", "what computes, as for KeralensExplainer");
    this.preprocess = text("preprocess", "how pixels become the input, as for KeralensExplainer");
    setDefault(inputCols, new String[] {"image"});
    setDefault(explanationCol, "explanation");
    setDefault(broadcast, false);
    setDefault(metricName, "deletion");
    setDefault(steps, 20);
    setDefault(baseline, "mean");
    setDefault(device, ExplainJob.AUTO);
    setDefault(preprocess, ExplainJob.AUTO);
  }

  private Param<String> text(String name, String says) {
    return new Param<>(this, name, says);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** {@return the parameter: the columns of the inputs} */
  public StringArrayParam inputCols() {
    return inputCols;
  }

  /**
   * Sets the columns of the inputs.
   *
   * @param value a column for each input; what is taken away is of the first
   * @return this
   */
  public KeralensEvaluator setInputCols(String... value) {
    set(inputCols, value);
    return this;
  }

  /** {@return the parameter: the column of explanations} */
  public Param<String> explanationCol() {
    return explanationCol;
  }

  /**
   * Sets the column of explanations.
   *
   * @param value what KeralensExplainer added, with maps
   * @return this
   */
  public KeralensEvaluator setExplanationCol(String value) {
    set(explanationCol, value);
    return this;
  }

  /** {@return the parameter: the model} */
  public Param<String> modelPath() {
    return modelPath;
  }

  /**
   * Sets the model.
   *
   * @param value as for KeralensExplainer
   * @return this
   */
  public KeralensEvaluator setModelPath(String value) {
    set(modelPath, value);
    return this;
  }

  /** {@return the parameter: whether the driver sends the model} */
  public BooleanParam broadcast() {
    return broadcast;
  }

  /**
   * Sets whether the driver sends the model.
   *
   * @param value as for KeralensExplainer
   * @return this
   */
  public KeralensEvaluator setBroadcast(boolean value) {
    set(broadcast, value);
    return this;
  }

  /** {@return the parameter: what is measured} */
  public Param<String> metricName() {
    return metricName;
  }

  /**
   * Sets what is measured.
   *
   * @param value {@code deletion} or {@code insertion}
   * @return this
   */
  public KeralensEvaluator setMetricName(String value) {
    set(metricName, value);
    return this;
  }

  /** {@return the parameter: in how many parts places are changed} */
  public IntParam steps() {
    return steps;
  }

  /**
   * Sets in how many parts places are changed.
   *
   * @param value at least 1; the model runs once more for each unit
   * @return this
   */
  public KeralensEvaluator setSteps(int value) {
    set(steps, value);
    return this;
  }

  /** {@return the parameter: what stands where a place is taken away} */
  public Param<String> baseline() {
    return baseline;
  }

  /**
   * Sets what stands where a place is taken away.
   *
   * @param value {@code mean}, the mean of each channel of the input, or {@code zero}
   * @return this
   */
  public KeralensEvaluator setBaseline(String value) {
    set(baseline, value);
    return this;
  }

  /** {@return the parameter: what computes} */
  public Param<String> device() {
    return device;
  }

  /**
   * Sets what computes.
   *
   * @param value as for KeralensExplainer
   * @return this
   */
  public KeralensEvaluator setDevice(String value) {
    set(device, value);
    return this;
  }

  /** {@return the parameter: how pixels become the input} */
  public Param<String> preprocess() {
    return preprocess;
  }

  /**
   * Sets how pixels become the input.
   *
   * @param value as for KeralensExplainer
   * @return this
   */
  public KeralensEvaluator setPreprocess(String value) {
    set(preprocess, value);
    return this;
  }

  /** {@return whether more is better: of insertion it is, of deletion less} */
  @Override
  public boolean isLargerBetter() {
    return getOrDefault(metricName).equals("insertion");
  }

  /**
   * Measures the maps of a column.
   *
   * @param dataset explained rows; those without an explanation are left out
   * @return the mean of all rows and their units
   * @throws IllegalArgumentException if a parameter is wrong, or no row has an explanation
   */
  @Override
  public double evaluate(Dataset<?> dataset) {
    require(METRICS, metricName);
    require(BASELINES, baseline);
    int parts = (int) getOrDefault(steps);
    if (parts < 1 || !isDefined(modelPath)) {
      throw new IllegalArgumentException(
          uid + ": steps is at least 1, and modelPath is set; steps is " + parts + ".");
    }
    List<Column> read = new ArrayList<>();
    for (String input : getOrDefault(inputCols)) {
      read.add(dataset.col(input));
    }
    String explanation = getOrDefault(explanationCol);
    for (String field : List.of("units", "maps", "height", "width")) {
      read.add(dataset.col(explanation).getField(field).as(field));
    }
    String path = getOrDefault(modelPath);
    ModelFile file =
        (boolean) getOrDefault(broadcast)
            ? ModelFile.broadcast(dataset.sparkSession(), path)
            : ModelFile.at(path, dataset.sparkSession());
    Dataset<Row> explained = dataset.toDF().where(dataset.col(explanation).isNotNull());
    Dataset<Row> rows = explained.select(read.toArray(Column[]::new));
    EvaluateRows measure =
        new EvaluateRows(
            job(parts),
            Columns.inputs(rows.schema(), Arrays.asList(getOrDefault(inputCols))),
            file,
            isLargerBetter(),
            parts,
            getOrDefault(baseline).equals("mean"));
    @Nullable Object mean =
        rows.mapPartitions(measure, Encoders.DOUBLE())
            .toDF("value")
            .agg(functions.avg("value"))
            .first()
            .get(0);
    if (mean == null) {
      throw new IllegalArgumentException("No row of '" + explanation + "' has an explanation.");
    }
    return (double) mean;
  }

  private void require(List<String> known, Param<String> param) {
    String given = getOrDefault(param);
    if (!known.contains(given)) {
      throw new IllegalArgumentException(
          "%s is one of %s, got '%s'.".formatted(param.name(), known, given));
    }
  }

  /** The model alone is asked; no method runs. */
  private ExplainJob job(int parts) {
    return new ExplainJob(
        getOrDefault(modelPath),
        "gradients",
        0,
        "",
        List.of(),
        1,
        List.of(),
        Math.min(parts + 1, 32),
        getOrDefault(device),
        getOrDefault(preprocess),
        "maps",
        "fail",
        0);
  }

  @Override
  public KeralensEvaluator copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** {@return what reads a saved measure} */
  public static MLReader<KeralensEvaluator> read() {
    return new DefaultParamsReader<>();
  }

  /**
   * {@return a measure that was saved}
   *
   * @param path where it was saved
   */
  public static KeralensEvaluator load(String path) {
    return read().load(path);
  }
}
