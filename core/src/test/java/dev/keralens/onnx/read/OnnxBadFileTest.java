package dev.keralens.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no models, or hostile ones: one clear message each. */
class OnnxBadFileTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("model.onnx");
  }

  private void read() throws IOException {
    OnnxReader.open(file()).network();
  }

  private static String message(Class<? extends Exception> type, Executable code) {
    String message = String.valueOf(assertThrows(type, code).getMessage());
    assertTrue(message.endsWith("."), message);
    return message;
  }

  private static void assertContains(String message, String... parts) {
    Arrays.stream(parts).forEach(part -> assertTrue(message.contains(part), message));
  }

  /** y = Add(x, c), x being (batch, 4). */
  private static ModelProto.Builder model(String operator, TensorProto.Builder constant) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(input(4))
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .addInitializer(constant.setName("c"))
            .addNode(
                NodeProto.newBuilder()
                    .setName("first")
                    .setOpType(operator)
                    .addInput("x")
                    .addInput("c")
                    .addOutput("y"));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph);
  }

  private static ValueInfoProto input(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (long size : sizes) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName("x")
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static TensorProto.Builder floats(long... sizes) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDataType(TensorProto.DataType.FLOAT_VALUE);
    Arrays.stream(sizes).forEach(tensor::addDims);
    return tensor;
  }

  private static TensorProto.Builder four() {
    return floats(4).setRawData(ByteString.copyFrom(new byte[16]));
  }

  private static TensorProto.Builder external(String... entries) {
    TensorProto.Builder tensor = floats(4).setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalData(
          StringStringEntryProto.newBuilder().setKey(entries[i]).setValue(entries[i + 1]));
    }
    return tensor;
  }

  private void write(ModelProto.Builder model) throws IOException {
    Files.write(file(), model.build().toByteArray());
  }

  private void writeNode(NodeProto.Builder node) throws IOException {
    ModelProto.Builder model = model("Add", four());
    model.getGraphBuilder().setNode(0, node.addInput("x").addOutput("y"));
    write(model);
  }

  @Test
  void open_soundFile() throws IOException {
    write(model("Add", four()));
    assertEquals(1, OnnxReader.open(file()).network().layers().size());
  }

  @Test
  void open_noSuchFile() {
    assertThrows(NoSuchFileException.class, this::read);
  }

  @Test
  void open_emptyFile() throws IOException {
    Files.createFile(file());
    assertContains(message(InvalidModelException.class, this::read), "model.onnx is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Not a model at all, but a text.", "\u0008\u0008", "<html></html>"})
  void open_notOnnx(String text) throws IOException {
    Files.write(file(), text.getBytes(StandardCharsets.ISO_8859_1));
    assertContains(message(InvalidModelException.class, this::read), "model.onnx is no ONNX model");
  }

  @Test
  void open_truncatedAnywhere() throws IOException {
    byte[] whole = model("Add", four()).build().toByteArray();
    for (int length = 1; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      message(InvalidModelException.class, this::read);
    }
  }

  @Test
  void open_oldOrUnknownOperatorSet() throws IOException {
    for (int version : new int[] {0, 7, 10, 99}) {
      write(
          model("Add", four())
              .setOpsetImport(0, OperatorSetIdProto.newBuilder().setVersion(version)));
      assertContains(
          message(UnsupportedModelException.class, this::read), "version " + version, "11 to 28");
    }
  }

  @Test
  void open_externalDataMissing() throws IOException {
    write(model("Add", external("location", "weights.bin")));
    assertContains(
        message(InvalidModelException.class, this::read), "'c'", "'weights.bin'", "no such file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret.bin", "/etc/passwd", "a/../../secret.bin", "", "..", "."})
  void open_externalDataOutsideTheFolder(String location) throws IOException {
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.write(folder.resolve("secret.bin"), new byte[16]);
    Path file = inner.resolve("model.onnx");
    Files.write(file, model("Add", external("location", location)).build().toByteArray());
    String message = message(InvalidModelException.class, () -> OnnxReader.open(file).network());
    assertContains(message, "'c'", "'" + location + "'");
  }

  @Test
  void open_externalDataThroughALink() throws IOException {
    Path inner = Files.createDirectories(folder.resolve("inner"));
    Files.write(folder.resolve("secret.bin"), new byte[16]);
    Files.createSymbolicLink(inner.resolve("data"), folder.resolve("secret.bin"));
    Path file = inner.resolve("model.onnx");
    Files.write(file, model("Add", external("location", "data")).build().toByteArray());
    assertContains(
        message(InvalidModelException.class, () -> OnnxReader.open(file).network()),
        "not in the folder");
  }

  @ParameterizedTest
  @CsvSource({"0,20", "4,16", "-4,16", "9223372036854775807,16", "0,abc", "0,-16"})
  void open_externalDataBeyondTheFile(String offset, String length) throws IOException {
    Files.write(folder.resolve("data"), new byte[16]);
    write(model("Add", external("location", "data", "offset", offset, "length", length)));
    assertContains(message(InvalidModelException.class, this::read), "'c'", "model.onnx");
  }

  @Test
  void open_hugeConstant() throws IOException {
    for (long size : new long[] {1L << 40, Long.MAX_VALUE, -1, 1 << 30}) {
      write(model("Add", floats(size, 4).setRawData(ByteString.copyFrom(new byte[16]))));
      assertContains(message(InvalidModelException.class, this::read), "'c'");
    }
  }

  @Test
  void open_constantOfAnotherSize() throws IOException {
    write(model("Add", floats(5).setRawData(ByteString.copyFrom(new byte[16]))));
    assertContains(message(InvalidModelException.class, this::read), "'c'", "16 bytes", "needs 20");
  }

  @Test
  void network_shapesThatDoNotFit() throws IOException {
    write(model("Add", floats(3).setRawData(ByteString.copyFrom(new byte[12]))));
    assertContains(message(InvalidModelException.class, this::read), "'first' (Add)", "model.onnx");
  }

  @Test
  void network_unknownOperator() throws IOException {
    write(model("NonMaxSuppression", four()));
    assertContains(
        message(UnsupportedModelException.class, this::read),
        "'first' (NonMaxSuppression)",
        "operator set 17",
        "model.onnx");
  }

  @Test
  void network_operatorOfAnotherDomain() throws IOException {
    ModelProto.Builder model = model("BiasGelu", four());
    model.getGraphBuilder().getNodeBuilder(0).setDomain("com.microsoft");
    write(model);
    assertContains(
        message(UnsupportedModelException.class, this::read), "(BiasGelu)", "'com.microsoft'");
  }

  @Test
  void network_valueThatNothingComputes() throws IOException {
    ModelProto.Builder model = model("Add", four());
    model.getGraphBuilder().getNodeBuilder(0).setInput(1, "nowhere");
    write(model);
    assertContains(message(InvalidModelException.class, this::read), "'first'", "'nowhere'");
  }

  @Test
  void network_attributeOfAnotherType() throws IOException {
    writeNode(
        NodeProto.newBuilder()
            .setName("first")
            .setOpType("Softmax")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("axis")
                    .setType(AttributeProto.AttributeType.FLOAT)
                    .setF(1)));
    assertContains(message(InvalidModelException.class, this::read), "'axis'", "FLOAT", "INT");
  }

  /** The rows of a batch are explained one by one, so nothing may be computed of all together. */
  @Test
  void network_rowsThatMix() throws IOException {
    writeNode(
        NodeProto.newBuilder()
            .setName("first")
            .setOpType("ReduceMean")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("axes")
                    .setType(AttributeProto.AttributeType.INTS)
                    .addInts(0)));
    assertContains(
        message(UnsupportedModelException.class, this::read), "'first' (ReduceMean)", "batch");
  }

  @Test
  void network_smallFileThatChanged_isAsItWas() throws IOException {
    write(model("Add", four()));
    OnnxReader opened = OnnxReader.open(file());
    Files.write(file(), new byte[4000]);
    opened.network().graph().constants().values().forEach(each -> each.tensor());
  }
}
