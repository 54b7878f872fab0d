package dev.keralens.spark;

import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Explains the predictions of a model for each row: a column of explanations is added.
 *
 * <p>Inputs are images, as the source {@code image} or {@code binaryFile} gives them, arrays of
 * numbers, or vectors; of a model with several inputs, a column for each. The new column is a
 * struct of arrays, with an element for each explained unit: {@code units}, {@code scores} (the
 * logits), {@code outputs} (the model's own, such as probabilities), {@code classes}, {@code maps}
 * (floats, row by row) or {@code overlays} (PNG files), and {@code height} and {@code width} of the
 * maps.
 *
 * <p>All parameters are strings, numbers, truth values and arrays of them, so that the stage can be
 * saved within a pipeline. {@code explainParams()} lists them.
 */
public final class KeralensExplainer extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final StringArrayParam inputCols;
  private final Param<String> outputCol;
  private final Param<String> errorCol;
  private final Param<String> modelPath;
  private final BooleanParam broadcast;
  private final Param<String> method;
  private final IntParam smooth;
  private final Param<String> layer;
  private final IntArrayParam units;
  private final IntParam topK;
  private final StringArrayParam labels;
  private final IntParam batchSize;
  private final Param<String> device;
  private final Param<String> preprocess;
  private final Param<String> output;
  private final Param<String> onError;
  private final LongParam seed;

  /** A stage with a name of its own. */
  public KeralensExplainer() {
    this("keralens_" + UUID.randomUUID().toString().replace("-", "").substring(0, 12));
  }

  /**
   * A stage.
   *
   * @param uid its name
   */
  public KeralensExplainer(String uid) {
    this.uid = uid; // the parameters ask for it
    this.inputCols = strings("inputCols", "a column for each input");
    this.outputCol = text("outputCol", "the column of explanations");
    this.errorCol = text("errorCol", "the column of messages, where onError is null");
    this.modelPath =
        text(
            "modelPath",
            "the model: a file, a folder, an address of Hadoop's file systems, or the name of a file"
                + " that SparkContext.addFile distributes");
    this.broadcast =
        new BooleanParam(
            this, "broadcast", "whether the driver reads the file and sends it; below 1 GB");
    this.method = text("method", "the method, as 'keralens methods' lists it");
    this.smooth =
        new IntParam(this, "smooth", "SmoothGrad's repetitions around the method; 0 for none");
    this.layer = text("layer", "the layer that is explained; empty for usual");
    this.units = new IntArrayParam(this, "units", "the explained units; none for the highest");
    this.topK = new IntParam(this, "topK", "how many of the highest units");
    this.labels = strings("labels", "what the units are called");
    this.batchSize = new IntParam(this, "batchSize", "rows that run at once");
    this.device =
        text(
            "device",
            "auto: the GPU that Spark gave to the task, else the processors; cuda: that GPU, or it"
                + " fails; or a name such as cpu or cuda:0");
    this.preprocess =
        text("preprocess", "how pixels become the input, as on the command line; auto finds it");
    this.output = text("output", "maps, or overlay: PNG files");
    this.onError = text("onError", "fail, or null: such a row has no explanation, and a message");
    this.seed = new LongParam(this, "seed", "the seed of what is random, the same for every row");
    setDefault(inputCols, new String[] {"image"});
    setDefault(outputCol, "explanation");
    setDefault(errorCol, "error");
    setDefault(broadcast, false);
    setDefault(method, "gradcam");
    setDefault(smooth, 0);
    setDefault(layer, "");
    setDefault(units, new int[0]);
    setDefault(topK, 1);
    setDefault(labels, new String[0]);
    setDefault(batchSize, 8);
    setDefault(device, "auto");
    setDefault(preprocess, "auto");
    setDefault(output, "maps");
    setDefault(onError, "fail");
    setDefault(seed, 0L);
  }

  private Param<String> text(String name, String says) {
    return new Param<>(this, name, says);
  }

  private StringArrayParam strings(String name, String says) {
    return new StringArrayParam(this, name, says);
  }

  @Override
  public String uid() {
    return uid;
  }

  /** {@return the parameter: the columns of the inputs} */
  public StringArrayParam inputCols() {
    return inputCols;
  }

  /** {@return the columns of the inputs} */
  public String[] getInputCols() {
    return getOrDefault(inputCols);
  }

  /**
   * Sets the columns of the inputs.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setInputCols(String... value) {
    set(inputCols, value);
    return this;
  }

  /** {@return the parameter: the column of explanations} */
  public Param<String> outputCol() {
    return outputCol;
  }

  /** {@return the column of explanations} */
  public String getOutputCol() {
    return getOrDefault(outputCol);
  }

  /**
   * Sets the column of explanations.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  /** {@return the parameter: the column of messages} */
  public Param<String> errorCol() {
    return errorCol;
  }

  /** {@return the column of messages} */
  public String getErrorCol() {
    return getOrDefault(errorCol);
  }

  /**
   * Sets the column of messages.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setErrorCol(String value) {
    set(errorCol, value);
    return this;
  }

  /** {@return the parameter: the model} */
  public Param<String> modelPath() {
    return modelPath;
  }

  /** {@return the model} */
  public String getModelPath() {
    return getOrDefault(modelPath);
  }

  /**
   * Sets the model.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setModelPath(String value) {
    set(modelPath, value);
    return this;
  }

  /** {@return the parameter: whether the driver sends the model} */
  public BooleanParam broadcast() {
    return broadcast;
  }

  /** {@return whether the driver sends the model} */
  public boolean getBroadcast() {
    return (boolean) getOrDefault(broadcast);
  }

  /**
   * Sets whether the driver sends the model.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setBroadcast(boolean value) {
    set(broadcast, value);
    return this;
  }

  /** {@return the parameter: the method} */
  public Param<String> method() {
    return method;
  }

  /** {@return the method} */
  public String getMethod() {
    return getOrDefault(method);
  }

  /**
   * Sets the method.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setMethod(String value) {
    set(method, value);
    return this;
  }

  /** {@return the parameter: SmoothGrad's repetitions around the method} */
  public IntParam smooth() {
    return smooth;
  }

  /** {@return SmoothGrad's repetitions around the method} */
  public int getSmooth() {
    return (int) getOrDefault(smooth);
  }

  /**
   * Sets SmoothGrad's repetitions around the method.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setSmooth(int value) {
    set(smooth, value);
    return this;
  }

  /** {@return the parameter: the layer that is explained} */
  public Param<String> layer() {
    return layer;
  }

  /** {@return the layer that is explained} */
  public String getLayer() {
    return getOrDefault(layer);
  }

  /**
   * Sets the layer that is explained.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setLayer(String value) {
    set(layer, value);
    return this;
  }

  /** {@return the parameter: the explained units} */
  public IntArrayParam units() {
    return units;
  }

  /** {@return the explained units} */
  public int[] getUnits() {
    return getOrDefault(units);
  }

  /**
   * Sets the explained units.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setUnits(int... value) {
    set(units, value);
    return this;
  }

  /** {@return the parameter: how many of the highest units are explained} */
  public IntParam topK() {
    return topK;
  }

  /** {@return how many of the highest units are explained} */
  public int getTopK() {
    return (int) getOrDefault(topK);
  }

  /**
   * Sets how many of the highest units are explained.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setTopK(int value) {
    set(topK, value);
    return this;
  }

  /** {@return the parameter: what the units are called} */
  public StringArrayParam labels() {
    return labels;
  }

  /** {@return what the units are called} */
  public String[] getLabels() {
    return getOrDefault(labels);
  }

  /**
   * Sets what the units are called.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setLabels(String... value) {
    set(labels, value);
    return this;
  }

  /** {@return the parameter: how many rows run at once} */
  public IntParam batchSize() {
    return batchSize;
  }

  /** {@return how many rows run at once} */
  public int getBatchSize() {
    return (int) getOrDefault(batchSize);
  }

  /**
   * Sets how many rows run at once.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  /** {@return the parameter: what computes} */
  public Param<String> device() {
    return device;
  }

  /** {@return what computes} */
  public String getDevice() {
    return getOrDefault(device);
  }

  /**
   * Sets what computes.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setDevice(String value) {
    set(device, value);
    return this;
  }

  /** {@return the parameter: how pixels become the input} */
  public Param<String> preprocess() {
    return preprocess;
  }

  /** {@return how pixels become the input} */
  public String getPreprocess() {
    return getOrDefault(preprocess);
  }

  /**
   * Sets how pixels become the input.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setPreprocess(String value) {
    set(preprocess, value);
    return this;
  }

  /** {@return the parameter: whether maps or overlays are given} */
  public Param<String> output() {
    return output;
  }

  /** {@return whether maps or overlays are given} */
  public String getOutput() {
    return getOrDefault(output);
  }

  /**
   * Sets whether maps or overlays are given.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setOutput(String value) {
    set(output, value);
    return this;
  }

  /** {@return the parameter: what happens to rows that cannot be explained} */
  public Param<String> onError() {
    return onError;
  }

  /** {@return what happens to rows that cannot be explained} */
  public String getOnError() {
    return getOrDefault(onError);
  }

  /**
   * Sets what happens to rows that cannot be explained.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setOnError(String value) {
    set(onError, value);
    return this;
  }

  /** {@return the parameter: the seed of what is random} */
  public LongParam seed() {
    return seed;
  }

  /** {@return the seed of what is random} */
  public long getSeed() {
    return (long) getOrDefault(seed);
  }

  /**
   * Sets the seed of what is random.
   *
   * @param value as the parameter says
   * @return this
   */
  public KeralensExplainer setSeed(long value) {
    set(seed, value);
    return this;
  }

  /**
   * Sets the one column of inputs.
   *
   * @param value the column
   * @return this
   */
  public KeralensExplainer setInputCol(String value) {
    return setInputCols(value);
  }

  /** {@return the parameters, checked} */
  private ExplainJob job() {
    if (!isDefined(modelPath)) {
      throw new IllegalArgumentException(uid + ": modelPath is not set.");
    }
    return new ExplainJob(
        getOrDefault(modelPath),
        getOrDefault(method),
        (int) getOrDefault(smooth),
        getOrDefault(layer),
        IntStream.of(getOrDefault(units)).boxed().toList(),
        (int) getOrDefault(topK),
        Arrays.asList(getOrDefault(labels)),
        (int) getOrDefault(batchSize),
        getOrDefault(device),
        getOrDefault(preprocess),
        getOrDefault(output).toLowerCase(Locale.ROOT),
        getOrDefault(onError).toLowerCase(Locale.ROOT),
        (long) getOrDefault(seed));
  }

  private Columns columns(StructType schema) {
    return Columns.of(
        schema,
        Arrays.asList(getOrDefault(inputCols)),
        getOrDefault(outputCol),
        getOrDefault(errorCol),
        job());
  }

  @Override
  public StructType transformSchema(StructType schema) {
    return columns(schema).result();
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    Columns columns = columns(dataset.schema());
    ModelFile file =
        (boolean) getOrDefault(broadcast)
            ? ModelFile.broadcast(dataset.sparkSession(), getOrDefault(modelPath))
            : ModelFile.at(getOrDefault(modelPath), dataset.sparkSession());
    return dataset
        .toDF()
        .mapPartitions(new ExplainRows(job(), columns, file), Encoders.row(columns.result()));
  }

  @Override
  public KeralensExplainer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /** {@return what reads a saved stage} */
  public static MLReader<KeralensExplainer> read() {
    return new DefaultParamsReader<>();
  }

  /**
   * {@return a stage that was saved}
   *
   * @param path where it was saved
   */
  public static KeralensExplainer load(String path) {
    return read().load(path);
  }
}
