package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile inputs, all read by one process with a small heap: each ends in one clear line that names
 * its file, within ten seconds, and the process never takes a gigabyte.
 */
@EnabledOnOs(OS.LINUX)
class HardInputTest {
  private static final long MOST_MILLIS = 10_000;
  private static final long MOST_KILOBYTES = 1 << 20;
  private static final int LONGEST_LINE = 1400;
  private static final Pattern BARE =
      Pattern.compile("overflow|for length|by zero|\\bnull\\b|^keralens: -?\\d+$|-\\d+ x");

  @TempDir private Path folder;
  private final List<String> commands = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  /** A command that has to fail, and the name that its message has to have. */
  private void fails(String name, Object... command) {
    names.add(name);
    commands.add(String.join("\t", Arrays.stream(command).map(String::valueOf).toList()));
  }

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Test
  void hostileInputs_endInOneLine() throws Exception {
    Path photo = Files.copy(Cli.IMAGES.resolve("444.jpg"), folder.resolve("photo.jpg"));
    inputs(photo);
    layers(photo);
    nodes(photo);
    structures(photo);
    texts(photo);
    files(photo);
    Path list = Files.write(folder.resolve("commands"), commands);
    List<String> answers = child(list);
    assertEquals(commands.size() + 1, answers.size(), answers::toString);
    for (int i = 0; i < commands.size(); i++) {
      String command = commands.get(i);
      String[] answer = answers.get(i).split("\t", 3);
      String line = answer[2];
      assertTrue(answer[0].equals("1") || answer[0].equals("2"), command + ": " + answers.get(i));
      assertTrue(Long.parseLong(answer[1]) < MOST_MILLIS, command + ": " + answers.get(i));
      assertTrue(
          line.startsWith("keralens: ") && line.contains(names.get(i)), command + ": " + line);
      assertTrue(line.length() < LONGEST_LINE, command + ": " + line);
      assertTrue(line.codePoints().allMatch(HardInputTest::isShown), command + ": " + line);
      assertTrue(!BARE.matcher(line).find(), command + ": " + line);
    }
    long kilobytes = Long.parseLong(answers.get(commands.size()));
    assertTrue(kilobytes < MOST_KILOBYTES, "the process took " + kilobytes + " kB");
  }

  private static boolean isShown(int c) {
    int type = Character.getType(c);
    return type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE;
  }

  private List<String> child(Path list) throws Exception {
    Path out = folder.resolve("answers");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                HardInputs.class.getName(),
                list.toString())
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String errors = Files.readString(folder.resolve("errors"));
    assertTrue(ended, () -> "the process did not end: " + errors);
    assertEquals(0, process.waitFor(), errors);
    return Files.readAllLines(out);
  }

  private void inputs(Path photo) throws IOException {
    String[] shapes = {
      "1000000000, 3", "46341, 46341, 3", "8, 1073741824, 3", "2147483647, 2147483647, 1"
    };
    for (int i = 0; i < shapes.length; i++) {
      String name = "input%d.keras".formatted(i);
      String shape = "\"batch_input_shape\": [null, " + shapes[i] + "]";
      Path model =
          rewritten(name, s -> s.replace("\"batch_input_shape\": [null, 33, 29, 3]", shape));
      fails(name, "explain", photo, "-m", model, "--preprocess", "none", "-o", "o.png");
    }
    Path open = file("open.onnx", onnx(b -> b, 3, 0, 0));
    for (String size : List.of("65536x65536", "46341x15447", "99999x99999", "32768x16384")) {
      fails(
          "open.onnx",
          "explain",
          photo,
          "-m",
          open,
          "--preprocess",
          "none",
          "--size",
          size,
          "-o",
          "o.png");
    }
  }

  /** The layer that scales becomes another one. */
  private void layers(Path photo) throws IOException {
    String[] layers = {
      "ZeroPadding2D\", \"padding\": [1000000000, 1000000000",
      "ZeroPadding2D\", \"padding\": [2147483647, 0",
      "ZeroPadding2D\", \"padding\": [1099511627776, 0",
      "ZeroPadding2D\", \"padding\": [20000, 20000",
      "UpSampling2D\", \"size\": [1000000000, 2",
      "UpSampling2D\", \"size\": [2000, 2000",
      "Resizing\", \"interpolation\": \"bilinear\", \"height\": 1000000, \"width\": 1000000, \"x\": [1",
      "Resizing\", \"interpolation\": \"nearest\", \"height\": 50000, \"width\": 50000, \"x\": [1",
      "Reshape\", \"target_shape\": [2147483647, 2147483647",
      "Cropping2D\", \"cropping\": [2147483647, 2147483647",
    };
    for (int i = 0; i < layers.length; i++) {
      String name = "layer%d.keras".formatted(i);
      int end = layers[i].indexOf('"');
      String className = layers[i].substring(0, end);
      String config = layers[i].substring(end + 1);
      Path model =
          rewritten(
              name,
              s ->
                  s.replace(
                          "\"class_name\": \"Rescaling\"", "\"class_name\": \"" + className + "\"")
                      .replace("\"scale\": 2.0, \"offset\": -1.0", config.substring(2) + "]"));
      fails(name, "explain", photo, "-m", model, "--preprocess", "none", "-o", "o.png");
    }
  }

  private void nodes(Path photo) throws IOException {
    List<NodeProto.Builder> nodes =
        List.of(
            node("Tile"),
            node("Pad"),
            node("Expand"),
            node("Gather")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("axis")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(1)));
    long[][] numbers = {
      {1, 1, 1 << 20, 1 << 20},
      {0, 0, 1 << 30, 0, 0, 0, 1 << 30, 0},
      {1, 3, 1L << 40, 8},
      {1L << 40}
    };
    for (int i = 0; i < numbers.length; i++) {
      String name = nodes.get(i).getOpType() + ".onnx";
      TensorProto.Builder constant =
          TensorProto.newBuilder()
              .setName("c")
              .setDataType(TensorProto.DataType.INT64_VALUE)
              .addDims(numbers[i].length);
      Arrays.stream(numbers[i]).forEach(constant::addInt64Data);
      NodeProto.Builder node = nodes.get(i);
      Path model = file(name, onnx(b -> b.addNode(0, node).addInitializer(constant), 3, 8, 8));
      fails(name, "explain", photo, "-m", model, "--preprocess", "none", "-o", "o.png");
    }
    Path large = file("large.onnx", onnx(b -> b, 3, 1_000_000_000, 1_000_000_000));
    fails("large.onnx", "explain", photo, "-m", large, "--preprocess", "none", "-o", "o.png");
    fails("large.onnx", "inspect", large);
  }

  private static NodeProto.Builder node(String operator) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName("n")
        .addInput("x")
        .addInput("c")
        .addOutput("v");
  }

  /** y = GlobalAveragePool(v), v being x where no node computes it. */
  private static byte[] onnx(UnaryOperator<GraphProto.Builder> change, long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("n"));
    for (long size : sizes) {
      TensorShapeProto.Dimension.Builder dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(size == 0 ? dimension.setDimParam("s") : dimension.setDimValue(size));
    }
    GraphProto.Builder graph =
        change.apply(
            GraphProto.newBuilder()
                .setName("g")
                .addInput(
                    ValueInfoProto.newBuilder()
                        .setName("x")
                        .setType(
                            TypeProto.newBuilder()
                                .setTensorType(
                                    TypeProto.Tensor.newBuilder()
                                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                        .setShape(shape))))
                .addOutput(ValueInfoProto.newBuilder().setName("y")));
    String last = graph.getNodeCount() > 0 ? "v" : "x";
    graph.addNode(
        NodeProto.newBuilder().setOpType("GlobalAveragePool").addInput(last).addOutput("p"));
    graph.addNode(NodeProto.newBuilder().setOpType("Flatten").addInput("p").addOutput("y"));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  /** HDF5 trees whose nodes lead to themselves, at several places. */
  private void structures(Path photo) throws IOException {
    Path model = Cli.PARITY.resolve("conv_mix/model.h5");
    byte[] content = Files.readAllBytes(model);
    String text = new String(content, StandardCharsets.ISO_8859_1);
    for (String signature : List.of("TREE", "SNOD", "HEAP")) {
      int at = text.indexOf(signature);
      ByteBuffer damaged = ByteBuffer.wrap(content.clone()).order(ByteOrder.LITTLE_ENDIAN);
      damaged.putLong(at, damaged.getLong(at) ^ 1);
      String name = signature + ".h5";
      fails(name, "inspect", file(name, damaged.array()));
    }
    int tree = text.indexOf("TREE");
    ByteBuffer circle = ByteBuffer.wrap(content.clone()).order(ByteOrder.LITTLE_ENDIAN);
    circle.put(tree + 5, (byte) 1); // its level: the children are nodes
    circle.putLong(tree + 32, tree); // the first child: itself
    Path file = file("circle.h5", circle.array());
    fails("circle.h5", "inspect", file);
    fails("circle.h5", "explain", photo, "-m", file, "-o", "o.png");
  }

  private void texts(Path photo) throws IOException {
    String long1 = "a".repeat(60_000);
    String long2 = "b ".repeat(500_000);
    String turned = "x\\u202eqqq\\u0007\\u2066";
    String[] classes = {long1, long2, turned, "\\n\\nkeralens: done"};
    for (int i = 0; i < classes.length; i++) {
      String className = classes[i];
      String name = "name%d.keras".formatted(i);
      Path model = rewritten(name, s -> s.replace("\"Rescaling\"", "\"" + className + "\""));
      fails(name, "explain", photo, "-m", model, "-o", "o.png");
      String layer = "layer" + name;
      Path other =
          rewritten(
              layer,
              s ->
                  s.replace("\"rescaling\"", "\"" + className + "\"")
                      .replace("\"scale\": 2.0", "\"scale\": \"q\""));
      fails(layer, "inspect", other);
    }
    String[] headers = {
      "(".repeat(59_000),
      "x'\u0001\u0002",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 1), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "2147483647, ".repeat(400) + "), }"
    };
    for (int i = 0; i < headers.length; i++) {
      byte[] text = headers[i].getBytes(StandardCharsets.ISO_8859_1);
      ByteBuffer npy = ByteBuffer.allocate(10 + text.length + 64).order(ByteOrder.LITTLE_ENDIAN);
      npy.put((byte) 0x93)
          .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
          .put((byte) 1)
          .put((byte) 0);
      npy.putShort((short) text.length).put(text);
      String name = "array%d.npy".formatted(i);
      fails(
          name,
          "explain",
          file(name, npy.array()),
          "-m",
          Cli.PARITY.resolve("conv_mix/model.keras"),
          "-o",
          "o.npy");
    }
  }

  private void files(Path photo) throws Exception {
    Path model = Cli.PARITY.resolve("conv_mix/model.keras");
    fails("/dev/zero", "explain", "/dev/zero", "-m", model, "-o", "o.png");
    fails("/dev/zero", "explain", photo, "-m", "/dev/zero", "-o", "o.png");
    fails("/dev/zero", "explain", photo, "-m", model, "--classes", "/dev/zero", "-o", "o.png");
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    fails("pipe", "explain", pipe, "-m", model, "-o", "o.png");
    fails("pipe", "explain", photo, "-m", pipe, "-o", "o.png");
    fails("pipe", "predict", photo, "-m", model, "--weights", pipe);
    Path secret = Files.writeString(folder.resolve("secret"), "root:password");
    Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
    for (String name : List.of("metadata.json", "model.weights.h5")) {
      Files.writeString(unpacked.resolve(name), "{}");
    }
    Files.createSymbolicLink(unpacked.resolve("config.json"), secret);
    fails("config.json", "inspect", unpacked);
    for (long[] size :
        new long[][] {
          {0xffffffffL, 0xffffffffL}, {1, 0xffffffffL}, {0x7fffffff, 0x7fffffff}, {0, 5}
        }) {
      String name = "tiff%d.tif".formatted(size[0] ^ size[1]);
      ByteBuffer tiff = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
      long[][] entries = {
        {256, size[0]},
        {257, size[1]},
        {258, 8},
        {259, 1},
        {262, 1},
        {273, 8},
        {277, 1},
        {278, size[1]},
        {279, 8}
      };
      tiff.put("II*\0".getBytes(StandardCharsets.ISO_8859_1))
          .putInt(16)
          .putLong(0)
          .putShort((short) entries.length);
      for (long[] entry : entries) {
        tiff.putShort((short) entry[0]).putShort((short) 4).putInt(1).putInt((int) entry[1]);
      }
      fails(name, "explain", file(name, tiff.array()), "-m", model, "-o", "o.png");
    }
  }

  /** The model with another architecture. */
  private Path rewritten(String name, UnaryOperator<String> change) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = Files.newInputStream(Cli.PARITY.resolve("conv_mix/model.keras"));
        ZipInputStream from = new ZipInputStream(in);
        OutputStream out = Files.newOutputStream(file);
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (ZipEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
        byte[] content = from.readAllBytes();
        if (entry.getName().equals("config.json")) {
          String before = new String(content, StandardCharsets.UTF_8);
          String after = change.apply(before);
          assertTrue(!after.equals(before), name);
          content = after.getBytes(StandardCharsets.UTF_8);
        }
        to.putNextEntry(new ZipEntry(entry.getName()));
        to.write(content);
      }
    }
    return file;
  }
}
