package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.sun.management.ThreadMXBean;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.Summary;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.onnx.read.OnnxReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models that are well formed and make no sense: sizes of 0, 1, 2^16, 2^31 and 2^40, layers that
 * read from one another in circles, are called many times, or lie deep in one another. Each gives a
 * network or one of the documented exceptions, with a short message, in bounded time and memory.
 *
 * <p>{@code -Dkeralens.fuzz=N} makes N models instead of twenty thousand, {@code
 * -Dkeralens.fuzz.seed=7} others.
 */
class StructureFuzzTest {
  private static final int COUNT = Integer.getInteger("keralens.fuzz", 10_000);
  private static final long SEED = Long.getLong("keralens.fuzz.seed", 0);
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final long MOST_BYTES = 256L << 20;
  private static final int LONGEST_MESSAGE = 2500;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** How Java itself words failures of arithmetic. */
  private static final Pattern BARE =
      Pattern.compile("overflow|for length|by zero|\\bnull\\b(?!,| or)|^-?\\d+$");

  private static final long[] SIZES = {
    0, 1, 1, 2, 2, 3, 4, 5, 7, 8, 16, 1 << 16, Integer.MAX_VALUE, 1L << 31, 1L << 40, -1, -7
  };

  @TempDir private Path folder;

  private static long size(Random random) {
    return SIZES[random.nextInt(SIZES.length)];
  }

  private static String sizes(Random random, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> String.valueOf(size(random)))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** Runs what reads a model; says whether it gave a network. */
  private static boolean attempt(Opening opening, String what) throws IOException {
    return attempt(opening, what, MOST_BYTES);
  }

  private static boolean attempt(Opening opening, String what, long most) throws IOException {
    long begin = THREADS.getCurrentThreadCpuTime();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    boolean read = false;
    try {
      NetworkSource source = opening.open();
      Network network = source.network(List.of(Shape.of(Shape.BATCH, 3, 8, 8)));
      assertFalse(Summary.of("model", source.inputs(), network).toString().isEmpty());
      read = true;
    } catch (InvalidModelException
        | UnsupportedModelException
        | IllegalArgumentException
        | IllegalStateException e) {
      String message = String.valueOf(e.getMessage());
      assertFalse(BARE.matcher(message).find(), what + ": " + message);
      assertTrue(message.length() < LONGEST_MESSAGE, what + ": " + message);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
    Duration took = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - begin);
    assertTrue(took.compareTo(LONGEST) < 0, what + " took " + took);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < most, "%s took %d bytes".formatted(what, bytes));
    return read;
  }

  private interface Opening {
    NetworkSource open() throws IOException;
  }

  @Test
  void keras_layersOfAnySizeInAnyOrder() throws IOException {
    AtomicInteger read = new AtomicInteger();
    for (int i = 0; i < COUNT; i++) {
      long seed = SEED * 1_000_003 + i;
      String json = KerasText.model(new Random(seed));
      String what = "seed " + seed + ": " + json.substring(0, Math.min(json.length(), 2000));
      if (attempt(() -> KerasModel.of("model.keras", json, Map.of()), what)) {
        read.incrementAndGet();
      }
    }
    assertTrue(read.get() * 50 > COUNT, () -> "only " + read + " models could be read");
  }

  /** Models as Keras writes them. */
  private static final class KerasText {
    private static final int DEEPEST = 4;
    private final Random random;
    private int names;

    private KerasText(Random random) {
      this.random = random;
    }

    static String model(Random random) {
      return new KerasText(random).functional("model", 0);
    }

    private String functional(String name, int depth) {
      List<String> layers = new ArrayList<>();
      List<String> known = new ArrayList<>(List.of("in" + depth));
      layers.add(
          """
          {"class_name": "InputLayer", "name": "in%d", "inbound_nodes": [],
           "config": {"name": "in%1$d", "batch_shape": [null, 3, 8, 8], "dtype": "float32"}}"""
              .formatted(depth));
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        String own = "l" + names++;
        int calls = random.nextInt(12) == 0 ? 20 : 1;
        boolean circle = random.nextInt(40) == 0;
        String inbound =
            IntStream.range(0, calls)
                .mapToObj(call -> call(known, circle ? own : "", call, own))
                .collect(Collectors.joining(", "));
        layers.add(
            depth < DEEPEST && random.nextInt(6) == 0
                ? "{%s, \"inbound_nodes\": [%s]}"
                    .formatted(body(functional(own, depth + 1)), inbound)
                : layer(own, inbound));
        known.add(own);
      }
      return """
      {"class_name": "Functional", "name": "%s", "config": {"name": "%1$s", "layers": [%s],
       "input_layers": [["in%d", 0, 0]], "output_layers": [["%s", 0, 0]]}}"""
          .formatted(name, String.join(",\n", layers), depth, known.get(known.size() - 1));
    }

    private static String body(String object) {
      String text = object.strip();
      return text.substring(1, text.length() - 1);
    }

    /** Reads from a layer before, from the call before, or from itself. */
    private String call(List<String> known, String circle, int call, String own) {
      String from =
          call > 0 && random.nextBoolean()
              ? "[\"%s\", %d, 0]".formatted(own, call - 1)
              : "[\"%s\", 0, 0]"
                  .formatted(
                      circle.isEmpty()
                          ? known.get(Math.max(0, known.size() - 1 - random.nextInt(2)))
                          : circle);
      String again = random.nextInt(3) == 0 ? ", [\"%s\", 0, 0]".formatted(known.get(0)) : "";
      return "[" + from.replaceFirst("]$", ", {}]") + again.replaceFirst("]$", ", {}]") + "]";
    }

    private String layer(String name, String inbound) {
      String config =
          switch (random.nextInt(18)) {
            case 0 -> "ZeroPadding2D\", \"padding\": " + sizes(random, 2);
            case 1 -> "Cropping2D\", \"cropping\": " + sizes(random, 2);
            case 2 -> "UpSampling2D\", \"size\": " + sizes(random, 2);
            case 3 ->
                "Resizing\", \"height\": %d, \"width\": %d".formatted(size(random), size(random));
            case 4 -> "Reshape\", \"target_shape\": " + sizes(random, 1 + random.nextInt(3));
            case 5 -> "Permute\", \"dims\": [1, 3, 2]";
            case 6 -> "RepeatVector\", \"n\": " + size(random);
            case 7 -> "Flatten\"";
            case 8 ->
                "MaxPooling2D\", \"pool_size\": %s, \"strides\": %s, \"padding\": \"same\""
                    .formatted(sizes(random, 2), sizes(random, 2));
            case 9 ->
                "AveragePooling2D\", \"pool_size\": %s, \"strides\": %s, \"padding\": \"valid\""
                    .formatted(sizes(random, 2), sizes(random, 2));
            case 10 -> "Concatenate\", \"axis\": " + size(random);
            case 11 -> "Softmax\", \"axis\": " + size(random);
            case 12 ->
                "CenterCrop\", \"height\": %d, \"width\": %d".formatted(size(random), size(random));
            case 13 -> "GlobalAveragePooling2D\"";
            case 14 -> "Rescaling\", \"scale\": 2, \"offset\": " + size(random);
            case 15 -> "ZeroPadding1D\", \"padding\": " + sizes(random, 2);
            case 16 -> "Add\"";
            default -> "ReLU\"";
          };
      String className = config.substring(0, config.indexOf('"'));
      return """
      {"module": "keras.layers", "class_name": "%s", "name": "%s", "inbound_nodes": [%s],
       "config": {"name": "%2$s"%s}}"""
          .formatted(className, name, inbound, config.substring(config.indexOf('"') + 1));
    }
  }

  @Test
  void onnx_nodesOfAnySizeInAnyOrder() throws IOException {
    Path file = folder.resolve("model.onnx");
    int read = 0;
    for (int i = 0; i < COUNT; i++) {
      long seed = SEED * 1_000_003 + i;
      ModelProto model = onnx(new Random(seed));
      Files.write(file, model.toByteArray());
      String text = model.toString();
      if (attempt(
          () -> OnnxReader.open(file),
          "seed " + seed + ": " + text.substring(0, Math.min(text.length(), 3000)))) {
        read++;
      }
    }
    assertTrue(read * 50 > COUNT, "only " + read + " models could be read");
  }

  private static ModelProto onnx(Random random) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");
    long[] own = {1, 3, 8, 8};
    if (random.nextInt(8) == 0) {
      own[1 + random.nextInt(3)] = size(random);
    }
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (int axis = 1; axis < own.length; axis++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(own[axis]));
    }
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName("v0")
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.FLOAT_VALUE)
                            .setShape(shape))));
    int count = 1 + random.nextInt(5);
    for (int i = 1; i <= count; i++) {
      int from = random.nextInt(60) == 0 ? i : random.nextInt(4) == 0 ? random.nextInt(i) : i - 1;
      graph.addNode(node(random, graph, "v" + from, "v" + random.nextInt(i), "v" + i));
    }
    graph.addOutput(ValueInfoProto.newBuilder().setName("v" + count));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build();
  }

  private static NodeProto.Builder node(
      Random random, GraphProto.Builder graph, String x, String other, String y) {
    NodeProto.Builder node = NodeProto.newBuilder().setName("n" + y).addOutput(y).addInput(x);
    switch (random.nextInt(16)) {
      case 0 -> node.setOpType("Tile").addInput(longs(random, graph, y, 1, 1, -1, -1));
      case 1 -> node.setOpType("Pad").addInput(longs(random, graph, y, 0, 0, -1, -1, 0, 0, -1, -1));
      case 2 -> node.setOpType("Reshape").addInput(longs(random, graph, y, 0, -1, -1));
      case 3 -> node.setOpType("Expand").addInput(longs(random, graph, y, 1, 3, -1, -1));
      case 4 ->
          node.setOpType("Resize")
              .addInput("")
              .addInput("")
              .addInput(longs(random, graph, y, 1, 3, -1, -1));
      case 5 ->
          node.setOpType("Gather")
              .addInput(longs(random, graph, y, -1))
              .addAttribute(number("axis", 1));
      case 6 ->
          node.setOpType("Slice")
              .addInput(longs(random, graph, y + "a", -1))
              .addInput(longs(random, graph, y + "b", -1))
              .addInput(longs(random, graph, y + "c", 2))
              .addInput(longs(random, graph, y + "d", -1));
      case 7 ->
          node.setOpType("MaxPool")
              .addAttribute(numbers(random, "kernel_shape", 2))
              .addAttribute(numbers(random, "strides", 2));
      case 8 ->
          node.setOpType("AveragePool")
              .addAttribute(numbers(random, "kernel_shape", 2))
              .addAttribute(numbers(random, "pads", 4));
      case 9 -> node.setOpType("DepthToSpace").addAttribute(number("blocksize", size(random)));
      case 10 -> node.setOpType("SpaceToDepth").addAttribute(number("blocksize", size(random)));
      case 11 ->
          node.setOpType("Concat")
              .addInput(other)
              .addInput(x)
              .addAttribute(number("axis", random.nextInt(4)));
      case 12 -> node.setOpType("Unsqueeze").addInput(longs(random, graph, y, -1));
      case 13 -> node.setOpType("Flatten").addAttribute(number("axis", size(random)));
      case 14 -> node.setOpType("Add").addInput(other);
      default -> node.setOpType("Relu");
    }
    return node;
  }

  /** A constant; -1 stands for a number that is drawn. */
  private static String longs(
      Random random, GraphProto.Builder graph, String name, long... numbers) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("c" + name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(numbers.length);
    for (long number : numbers) {
      tensor.addInt64Data(number == -1 ? size(random) : number);
    }
    graph.addInitializer(tensor);
    return "c" + name;
  }

  private static AttributeProto number(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto numbers(Random random, String name, int count) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (int i = 0; i < count; i++) {
      attribute.addInts(size(random));
    }
    return attribute.build();
  }

  /** A chain of nested models, each calling the next one several times. */
  private static String nested(int depth, int calls) {
    String inner = "\"class_name\": \"ReLU\", \"name\": \"m0\", \"config\": {\"name\": \"m0\"}";
    for (int level = 1; level <= depth; level++) {
      StringBuilder inbound = new StringBuilder("[[[\"i%d\", 0, 0, {}]]".formatted(level));
      for (int call = 1; call < calls; call++) {
        inbound.append(", [[\"m%d\", %d, 0, {}]]".formatted(level - 1, call - 1));
      }
      inner =
          """
          "class_name": "Functional", "name": "m%d", "config": {"name": "m%1$d", "layers": [
          {"class_name": "InputLayer", "name": "i%1$d", "inbound_nodes": [],
          "config": {"name": "i%1$d", "batch_shape": [null, 3, 8, 8], "dtype": "float32"}},
          {%s, "inbound_nodes": %s]}],
          "input_layers": [["i%1$d", 0, 0]], "output_layers": [["m%d", %d, 0]]}"""
              .formatted(level, inner, inbound, level - 1, calls - 1);
    }
    return "{" + inner + "}";
  }

  @Test
  void keras_nestedModelsAreWrittenOutUpToALimit() throws IOException {
    for (int[] size : new int[][] {{30, 2}, {20, 3}, {63, 2}, {64, 2}, {2, 500}}) {
      String json = nested(size[0], size[1]);
      assertFalse(attempt(() -> KerasModel.of("model.keras", json, Map.of()), "nested"));
    }
    for (int[] size : new int[][] {{10, 2}, {1, 20_000}, {60, 1}}) {
      String json = nested(size[0], size[1]);
      assertTrue(
          attempt(() -> KerasModel.of("model.keras", json, Map.of()), "nested", 4 * MOST_BYTES));
    }
  }

  @Test
  void keras_manyLayersAndWideLayersTakeTimeInProportion() throws IOException {
    StringBuilder layers = new StringBuilder();
    int count = 10_000;
    for (int i = 1; i <= count; i++) {
      layers.append(
          """
          , {"class_name": "ReLU", "name": "l%d", "config": {"name": "l%1$d", "max_value": %d}, \
          "inbound_nodes": [[["l%d", 0, 0, {}]]]}
          """
              .formatted(i, i, i - 1));
    }
    String backwards =
        flat(
            layers
                .toString()
                .lines()
                .filter(line -> line.startsWith(", "))
                .sorted(Comparator.reverseOrder())
                .collect(Collectors.joining()),
            "l" + count);
    assertTrue(
        attempt(() -> KerasModel.of("model.keras", backwards, Map.of()), "back", 4 * MOST_BYTES));
    String chain = flat(layers.toString(), "l" + count);
    assertTrue(
        attempt(() -> KerasModel.of("model.keras", chain, Map.of()), "chain", 4 * MOST_BYTES));
    String inputs =
        IntStream.range(0, 50_000)
            .mapToObj(i -> "[\"l0\", 0, 0, {}]")
            .collect(Collectors.joining(", "));
    String wide =
        flat(
            ", {\"module\": \"keras.layers\", \"class_name\": \"Add\", \"name\": \"add\", \"config\": {\"name\": \"add\"}, \"inbound_nodes\": [[%s]]}"
                .formatted(inputs),
            "add");
    // About 11 kB for each of 50,000 sums.
    assertTrue(attempt(() -> KerasModel.of("model.keras", wide, Map.of()), "wide", 6 * MOST_BYTES));
  }

  private static String flat(String layers, String last) {
    return """
    {"class_name": "Functional", "name": "m", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "l0", "inbound_nodes": [],
    "config": {"name": "l0", "batch_shape": [null, 3, 8, 8], "dtype": "float32"}} %s],
    "input_layers": [["l0", 0, 0]], "output_layers": [["%s", 0, 0]]}}"""
        .formatted(layers, last);
  }
}
