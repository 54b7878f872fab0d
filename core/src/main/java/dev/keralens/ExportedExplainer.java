package dev.keralens;

import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An explainer that was {@linkplain Explainer#export exported}: a file that has a model and maps.
 * What it explains and how is fixed in the file.
 *
 * <p>Safe for use by several threads. Holds native memory until it is closed.
 */
public final class ExportedExplainer implements AutoCloseable {
  private final Model file;
  private final Model model;
  private final List<StoredMap> maps;
  private final int own;
  private final int units;
  private final boolean given;

  /** A map that the file gives. */
  public static final class StoredMap {
    private final String output;
    private final String method;
    private final String explained;
    private final boolean ofLayer;

    StoredMap(String output, String method, String explained, boolean ofLayer) {
      this.output = output;
      this.method = method;
      this.explained = explained;
      this.ofLayer = ofLayer;
    }

    /** {@return the name of the output} */
    public String output() {
      return output;
    }

    /** {@return the name of the method} */
    public String method() {
      return method;
    }

    /** {@return what it explains: the name of a layer, or of an input} */
    public String explained() {
      return explained;
    }

    /** {@return whether that is a layer} */
    public boolean ofLayer() {
      return ofLayer;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof StoredMap that
          && output.equals(that.output)
          && method.equals(that.method)
          && explained.equals(that.explained)
          && ofLayer == that.ofLayer;
    }

    @Override
    public int hashCode() {
      return Objects.hash(output, method, explained, ofLayer);
    }

    @Override
    public String toString() {
      return "StoredMap[output=%s, method=%s, explained=%s, ofLayer=%s]"
          .formatted(output, method, explained, ofLayer);
    }
  }

  private ExportedExplainer(Model file, List<StoredMap> maps, int own, int units, boolean given) {
    this.file = file;
    this.maps = maps;
    this.own = own;
    this.units = units;
    this.given = given;
    int inputs = file.inputs().size() - (given ? 1 : 0);
    this.model = Model.of(file.name(), new Alone(file, inputs, own));
  }

  /**
   * {@return whether a model's file is an exported explainer}
   *
   * @param file the model
   */
  public static boolean is(Model file) {
    return file.metadata().containsKey(Exporter.METHODS);
  }

  /**
   * {@return the explainer of a file}
   *
   * @param file the model that was read from it; closed with the explainer
   * @throws UnsupportedModelException if it is no exported explainer, or its inputs and outputs are
   *     not what it says of itself
   */
  public static ExportedExplainer of(Model file) {
    if (!is(file)) {
      throw new UnsupportedModelException(file.name() + " is no exported explainer.");
    }
    List<Shape> shapes = someShapes(file);
    List<String> outputs = file.outputNames(shapes);
    Map<String, String> said = file.metadata();
    List<StoredMap> maps = new ArrayList<>();
    for (String output : outputs) {
      String key = Exporter.PREFIX + output + ".";
      String method = said.get(key + "method");
      if (method != null) {
        String layer = said.get(key + "layer");
        String input = said.getOrDefault(key + "input", "");
        maps.add(new StoredMap(output, method, layer == null ? input : layer, layer != null));
      }
    }
    boolean given = !outputs.contains(ExplainerExport.UNITS);
    int own = outputs.size() - maps.size() - (given ? 0 : 1);
    List<InputSpec> inputs = file.inputs();
    if (maps.isEmpty() || own < 1 || (given && inputs.size() < 2)) {
      throw new UnsupportedModelException(
          "%s says that it is an exported explainer, but its inputs %s and outputs %s are none's."
              .formatted(file.name(), inputs, outputs));
    }
    Shape last = file.network(shapes).graph().outputs().get(outputs.size() - 1).shape();
    return new ExportedExplainer(file, List.copyOf(maps), own, last.size(-1), given);
  }

  /** Shapes that the file takes: where it leaves sizes open, it says the smallest. */
  private static List<Shape> someShapes(Model file) {
    String least = file.metadata().getOrDefault(Exporter.OPEN_LEAST, "");
    Integer open = least.matches("[1-9]\\d{0,5}") ? Integer.valueOf(least) : null;
    List<Shape> shapes = new ArrayList<>();
    for (InputSpec input : file.inputs()) {
      List<@Nullable Integer> sizes = new ArrayList<>(input.sizes());
      sizes.replaceAll(size -> size == null ? open : size);
      shapes.add(new InputSpec(input.name(), input.type(), sizes).shape());
    }
    return shapes;
  }

  /** {@return the model alone: its own inputs and outputs; closed with this} */
  public Model model() {
    return model;
  }

  /** {@return the maps that the file gives, in its order} */
  public List<StoredMap> maps() {
    return maps;
  }

  /** {@return the output that is explained, by its position} */
  public int output() {
    String position = file.metadata().getOrDefault(Exporter.PREFIX + "output", "0");
    return position.matches("\\d{1,4}") ? Integer.parseInt(position) : 0;
  }

  /** {@return what the units are called, from 0; empty where the file does not say it} */
  public List<String> classes() {
    String classes = file.metadata().getOrDefault(Exporter.PREFIX + "classes", "");
    return classes.isEmpty() ? List.of() : List.of(classes.split("\n", -1));
  }

  /** {@return how many units the file explains in one run} */
  public int unitsPerRun() {
    return units;
  }

  /** {@return whether units are given to the file; else it explains the highest} */
  public boolean takesUnits() {
    return given;
  }

  /**
   * Explains with each map of the file. Scores are the model's output: the file has no others.
   *
   * @param inputs one tensor per input of the {@link #model}, batch first
   * @param which which units; a file that explains the highest takes no others, nor more
   * @return why, one explanation for each of {@link #maps}
   * @throws IllegalArgumentException if the file does not explain these units, or does not take the
   *     inputs
   */
  public List<Explanation> explainAll(List<Tensor> inputs, Units which) {
    int images = inputs.get(0).size(0);
    if (!given) {
      if (!(which instanceof Units.Top top) || top.count() > units) {
        throw new IllegalArgumentException(
            "%s explains the %d highest units of each image, and no others; export it with units that are given."
                .formatted(file.name(), units));
      }
      List<Tensor> outputs = file.predict(inputs, ExplainOptions.defaults());
      Tensor found = UnitColumns.columns(outputs.get(own), 0, top.count());
      return explanations(outputs, own + 1, found);
    }
    Tensor wanted = units(inputs, which, images);
    List<List<Explanation>> parts = new ArrayList<>();
    int count = wanted.size(1);
    for (int from = 0; from < count; from += units) {
      int to = Math.min(count, from + units);
      Tensor some = UnitColumns.columns(wanted, from, to);
      List<Tensor> fed = new ArrayList<>(inputs);
      fed.add(filled(some));
      parts.add(explanations(file.predict(fed, ExplainOptions.defaults()), own, some));
    }
    return joined(parts);
  }

  /** Units as many as the file takes, the last one several times. */
  private Tensor filled(Tensor some) {
    int images = some.size(0);
    int count = some.size(1);
    long[] all = new long[images * units];
    for (int i = 0; i < all.length; i++) {
      all[i] = some.getLong(i / units, Math.min(count - 1, i % units));
    }
    return Tensor.of(all, images, units);
  }

  private Tensor units(List<Tensor> inputs, Units which, int images) {
    if (which instanceof Units.Given indices) {
      Tensor wanted = indices.indices();
      long[] all = wanted.toLongArray();
      Tensor int64 = Tensor.of(all, wanted.shape());
      return wanted.size(0) == images ? int64 : UnitColumns.repeat(int64, images);
    }
    Tensor output = model.predict(inputs, ExplainOptions.defaults()).get(output());
    requireUnits(output);
    int available = output.size(1);
    int count = which instanceof Units.Top top ? Math.min(top.count(), available) : available;
    long[] all = new long[images * count];
    for (int image = 0; image < images; image++) {
      float[] row = output.row(image).toFloatArray();
      Comparator<Integer> highest = Comparator.comparing(i -> -row[i]);
      int[] order =
          which instanceof Units.Top
              ? IntStream.range(0, available).boxed().sorted(highest).mapToInt(i -> i).toArray()
              : IntStream.range(0, available).toArray();
      for (int i = 0; i < count; i++) {
        all[image * count + i] = order[i];
      }
    }
    return Tensor.of(all, images, count);
  }

  private void requireUnits(Tensor output) {
    if (output.rank() != 2) {
      throw new UnsupportedModelException(
          "The output %s of %s is no row of units, so the file alone does not tell their scores; explain with the model itself."
              .formatted(output, file.name()));
    }
  }

  private List<Explanation> explanations(List<Tensor> outputs, int first, Tensor explained) {
    Tensor output = outputs.get(output());
    requireUnits(output);
    int images = explained.size(0);
    int count = explained.size(1);
    float[] scores = new float[images * count];
    for (int i = 0; i < scores.length; i++) {
      int unit = Math.toIntExact(explained.getLong(i / count, i % count));
      if (unit < 0 || unit >= output.size(1)) {
        throw new IllegalArgumentException(
            "There is no unit %d: %s has the units 0 to %d."
                .formatted(unit, file.name(), output.size(1) - 1));
      }
      scores[i] = output.get(i / count, unit);
    }
    Tensor scored = Tensor.of(scores, images, count);
    List<Explanation> all = new ArrayList<>();
    for (int i = 0; i < maps.size(); i++) {
      Tensor shown = UnitColumns.columns(outputs.get(first + i), 0, count);
      all.add(explanation(maps.get(i), shown, scored, explained));
    }
    return all;
  }

  private static Explanation explanation(StoredMap map, Tensor maps, Tensor scores, Tensor units) {
    int count = units.size(1);
    float[] low = new float[units.elements()];
    float[] high = new float[units.elements()];
    Arrays.fill(low, Float.POSITIVE_INFINITY);
    Arrays.fill(high, Float.NEGATIVE_INFINITY);
    float[] values = maps.toFloatArray();
    int perImage = values.length / units.size(0);
    for (int i = 0; i < values.length; i++) {
      int at = i / perImage * count + i % count;
      low[at] = Math.min(low[at], values[i]);
      high[at] = Math.max(high[at], values[i]);
    }
    int[] shape = units.shape();
    return new Explanation(
        map.method(),
        map.explained(),
        maps,
        scores,
        scores,
        units,
        Tensor.of(low, shape),
        Tensor.of(high, shape),
        null);
  }

  /** Explanations of some units, and of those after them. */
  private static List<Explanation> joined(List<List<Explanation>> parts) {
    List<Explanation> all = new ArrayList<>();
    for (int i = 0; i < parts.get(0).size(); i++) {
      int place = i;
      List<Explanation> same = parts.stream().map(part -> part.get(place)).toList();
      Explanation first = same.get(0);
      all.add(
          same.size() == 1
              ? first
              : new Explanation(
                  first.method(),
                  first.explained(),
                  UnitColumns.joined(same.stream().map(Explanation::maps).toList()),
                  UnitColumns.joined(same.stream().map(Explanation::scores).toList()),
                  UnitColumns.joined(same.stream().map(Explanation::outputs).toList()),
                  UnitColumns.joined(same.stream().map(Explanation::units).toList()),
                  UnitColumns.joined(same.stream().map(Explanation::lowest).toList()),
                  UnitColumns.joined(same.stream().map(Explanation::highest).toList()),
                  null));
    }
    return all;
  }

  @Override
  public void close() {
    model.close();
    file.close();
  }

  /** The model of a file, without the units and the maps. */
  private record Alone(Model file, int count, int own) implements NetworkSource {
    @Override
    public String format() {
      return file.format();
    }

    @Override
    public Map<String, String> metadata() {
      Map<String, String> said = new HashMap<>(file.metadata());
      said.keySet().removeIf(key -> key.startsWith(Exporter.PREFIX));
      return said;
    }

    @Override
    public List<InputSpec> inputs() {
      return file.inputs().subList(0, count);
    }

    @Override
    public List<String> outputNames() {
      return file.outputNames(someShapes(file)).subList(0, own);
    }

    @Override
    public Network network(List<Shape> shapes) {
      List<Shape> all = new ArrayList<>(shapes);
      file.inputs().stream().skip(count).map(InputSpec::shape).forEach(all::add);
      Network whole = file.network(all);
      Graph graph = whole.graph();
      GraphBuilder b = GraphBuilder.before(graph);
      Map<Value, Value> unused = new HashMap<>();
      for (Value input : graph.inputs().subList(count, graph.inputs().size())) {
        unused.put(input, b.scalar(0));
      }
      b.then(graph, unused);
      return new Network(
          b.build(graph.outputs().subList(0, own)),
          whole.inputs().subList(0, count),
          whole.outputs().subList(0, own),
          whole.layers(),
          whole.named(),
          whole.passing());
    }
  }
}
