package dev.keralens;

import dev.keralens.applications.Preprocessing;
import dev.keralens.file.FileStamp;
import dev.keralens.file.LateReads;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.inspect.InputScaling;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.onnx.read.OwnFile;
import dev.keralens.onnx.write.ExportedGraph;
import dev.keralens.onnx.write.OnnxModel;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.onnx.write.OpenSizes;
import dev.keralens.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Writes a model, or what an explainer adds to it, as an ONNX file. */
final class Exporter {
  /** What keys of ours in a file's metadata begin with. */
  static final String PREFIX = "keralens.";

  /** The key that only exported explainers have. */
  static final String METHODS = PREFIX + "methods";

  /** Open sizes are multiples of it, and not smaller than the other. */
  static final String OPEN_STEP = PREFIX + "open_sizes.step";

  static final String OPEN_LEAST = PREFIX + "open_sizes.least";

  private static final int MOST_CLASSES_BYTES = 1 << 16;

  private final NetworkSource source;
  private final Origin origin;
  private final String name;
  private final ExportOptions options;
  private final Path path;

  Exporter(NetworkSource source, Origin origin, String name, ExportOptions options, Path path) {
    this.source = source;
    this.origin = origin;
    this.name = name;
    this.options = options;
    this.path = path;
  }

  /** The shape of each input: as the options say, else the model. */
  static List<Shape> shapes(String name, List<InputSpec> inputs, ExportOptions options) {
    if (!options.shapes().isEmpty()) {
      return options.shapes();
    }
    if (options.openSizes() && OpenShapes.any(inputs)) {
      return OpenShapes.usual(inputs);
    }
    for (InputSpec input : inputs) {
      if (!input.isFixed()) {
        throw new IllegalArgumentException(
            "The size of the input %s of %s is open: say it (withShapes, --size), or leave it open (withOpenSizes, --open-size)."
                .formatted(input, name));
      }
    }
    return inputs.stream().map(InputSpec::shape).toList();
  }

  /** Writes the network alone. */
  void network(List<Shape> shapes) throws IOException {
    Network network = source.network(shapes);
    write(
        at -> network(source.network(at).graph()),
        shapes,
        OutputNames.of(network, source.outputNames()),
        metadata(network));
  }

  private static Graph network(Graph graph) {
    return GraphBuilder.from(graph).build(graph.outputs());
  }

  /**
   * Writes a graph.
   *
   * @param build builds it, for the shape of each input
   * @param shapes these shapes
   * @param outputs the names of its outputs
   * @param metadata what the file says of itself
   */
  void write(
      Function<List<Shape>, Graph> build,
      List<Shape> shapes,
      List<String> outputs,
      Map<String, String> metadata)
      throws IOException {
    check();
    if (!options.openSizes()) {
      write(whole(build.apply(shapes)), OpenSizes.NONE, outputs, metadata);
      return;
    }
    if (!OpenShapes.any(source.inputs()) || !options.shapes().isEmpty()) {
      throw new IllegalArgumentException(
          "%s has the sizes %s: none is left open.".formatted(name, shapes));
    }
    OpenShapes.Found found = OpenShapes.find(source.inputs(), at -> whole(build.apply(at)));
    Map<String, String> said = new LinkedHashMap<>(metadata);
    said.put(OPEN_STEP, String.valueOf(found.open().step()));
    said.put(OPEN_LEAST, String.valueOf(found.open().least()));
    write(found.graph(), found.open(), outputs, said);
  }

  /** The graph with what pixels go through, if that is to be in it. */
  private Graph whole(Graph graph) {
    return options.embeddedPreprocessing().map(pixels -> of(pixels, graph)).orElse(graph);
  }

  private void write(
      Graph graph, OpenSizes open, List<String> outputs, Map<String, String> metadata)
      throws IOException {
    List<ElementType> types = new ArrayList<>();
    List<InputSpec> inputs = source.inputs();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value input = graph.inputs().get(i);
      types.add(i < inputs.size() ? inputs.get(i).type() : input.type());
    }
    ExportedGraph exported =
        new ExportedGraph(
            graph,
            types,
            outputs,
            metadata,
            options.opset(),
            Version.current(),
            options.halfWeights(),
            open);
    LateReads.<Boolean, IOException>together(
        () -> {
          OnnxWriter.write(exported, path, options.externalData());
          return true;
        },
        unused -> {});
  }

  /** A graph that takes pixels of 0 to 255. */
  private Graph of(Preprocessing pixels, Graph graph) {
    if (source.inputs().size() != 1) {
      throw new UnsupportedModelException(
          "%s takes %d inputs; preprocessing is put into a file with one, which takes pictures."
              .formatted(name, source.inputs().size()));
    }
    Value input = graph.inputs().get(0);
    int axis = InputScaling.channelAxis(input.shape());
    if (axis < 0 || !input.type().isFloating()) {
      throw new UnsupportedModelException(
          "The input %s of %s takes no pictures, so there are no pixels to preprocess."
              .formatted(input, name));
    }
    GraphBuilder b = GraphBuilder.before(graph);
    b.scope("preprocess");
    Value given = b.input(input.name(), input.type(), input.shape());
    b.then(graph, Map.of(input, pixels.add(b, given, axis == 0 ? -1 : axis)));
    return b.build(graph.outputs());
  }

  /** Refuses to write over what was not written here. */
  private void check() throws IOException {
    origin.checkApart(path);
    Path data = OnnxModel.constants(path);
    if (options.externalData()) {
      origin.checkApart(data);
    }
    if (Files.isDirectory(path)) {
      throw new IOException("Cannot write %s: it is a folder.".formatted(path));
    }
    boolean own = Files.exists(path) && OwnFile.is(path);
    if (options.replacing() || own) {
      return;
    }
    for (Path file : options.externalData() ? List.of(path, data) : List.of(path)) {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(
            file.toString(),
            null,
            "it is there and was not exported by Keralens; name another file, or replace it"
                + " (--force)");
      }
    }
  }

  /** What a file says of the model; what the model's own file says of itself stays. */
  Map<String, String> metadata(Network network) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    source
        .metadata()
        .forEach(
            (key, value) -> {
              if (!key.startsWith(PREFIX)) {
                all.put(key, value);
              }
            });
    all.put(PREFIX + "version", Version.current());
    all.put(PREFIX + "source", name);
    for (int i = 0; i < origin.files().size(); i++) {
      FileStamp file = origin.files().get(i);
      all.put(PREFIX + (i == 0 ? "source_sha256" : "weights_sha256"), Origin.digest(file));
    }
    String preprocessing =
        options
            .embeddedPreprocessing()
            .map(
                pixels ->
                    "pixels of 0 to 255: the file does what --preprocess "
                        + pixels.label()
                        + " does")
            .orElse(options.preprocessing());
    if (preprocessing.isEmpty()) {
      preprocessing =
          InputScaling.of(source.inputs().get(0), network, 0)
              .map(InputScaling::toString)
              .orElse("");
    }
    if (!preprocessing.isEmpty()) {
      all.put(PREFIX + "preprocessing", preprocessing);
    }
    if (options.halfWeights()) {
      all.put(PREFIX + "weights", "half precision");
    }
    String classes = String.join("\n", options.classes());
    boolean plain = options.classes().stream().noneMatch(each -> each.contains("\n"));
    int bytes = classes.getBytes(StandardCharsets.UTF_8).length;
    if (!classes.isEmpty() && plain && bytes <= MOST_CLASSES_BYTES) {
      all.put(PREFIX + "classes", classes);
    }
    return all;
  }
}
