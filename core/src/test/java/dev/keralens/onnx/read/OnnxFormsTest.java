package dev.keralens.onnx.read;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms of nodes: those of training and of quantized models, and nodes that pass a value on. */
class OnnxFormsTest {
  @TempDir private Path folder;

  private static NodeProto.Builder node(String type, String... inputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setName(type).setOpType(type);
    return node.addAllInput(List.of(inputs));
  }

  private static AttributeProto flag(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static TensorProto floats(String name) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(2);
    return tensor.addFloatData(1).addFloatData(2).build();
  }

  private static TensorProto scalar(String name, TensorProto.DataType type, int value) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type.getNumber())
        .addInt32Data(value)
        .build();
  }

  private Network read(int version, NodeProto.Builder node) throws IOException {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"));
    for (int size : new int[] {2, 3, 3}) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    TypeProto.Tensor type =
        TypeProto.Tensor.newBuilder()
            .setElemType(TensorProto.DataType.FLOAT_VALUE)
            .setShape(shape)
            .build();
    ValueInfoProto x =
        ValueInfoProto.newBuilder()
            .setName("x")
            .setType(TypeProto.newBuilder().setTensorType(type))
            .build();
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .addInput(x)
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .addInitializer(floats("a"))
            .addInitializer(scalar("zero", TensorProto.DataType.INT8, 0))
            .addInitializer(scalar("yes", TensorProto.DataType.BOOL, 1))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("ratio")
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addFloatData(0.5f))
            .addNode(node);
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(7)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(version))
            .setGraph(graph)
            .build();
    Path file = folder.resolve("model.onnx");
    Files.write(file, model.toByteArray());
    return OnnxReader.open(file).network();
  }

  private void assertRefused(int version, NodeProto.Builder node, String what) {
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> read(version, node)).getMessage());
    assertTrue(message.contains(what), message);
  }

  private static NodeProto.Builder normalization(String... outputs) {
    return node("BatchNormalization", "x", "a", "a", "a", "a").addAllOutput(List.of(outputs));
  }

  @ParameterizedTest
  @ValueSource(ints = {11, 12, 13})
  void batchNormalization_thatGivesStatisticsIsRefused(int version) {
    assertRefused(
        version, normalization("y", "mean", "var", "m", "v"), "export the model for inference");
    assertRefused(version, normalization("y", "mean", "var"), "export the model for inference");
    assertDoesNotThrow(() -> read(version, normalization("y")));
    assertDoesNotThrow(() -> read(version, normalization("y", "", "", "", "")));
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 15, 22})
  void batchNormalization_inTrainingModeIsRefused(int version) {
    assertRefused(
        version,
        normalization("y", "mean", "var").addAttribute(flag("training_mode", 1)),
        "export the model for inference");
    assertDoesNotThrow(
        () -> read(version, normalization("y").addAttribute(flag("training_mode", 0))));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13, 22})
  void dropout_inTrainingModeIsRefused(int version) {
    assertRefused(
        version, node("Dropout", "x", "ratio", "yes").addOutput("y"), "it drops at random");
    assertDoesNotThrow(() -> read(version, node("Dropout", "x", "ratio").addOutput("y")));
  }

  @Test
  void rounding_ofQuantizedModelsIsRefusedWithTheWayOut() {
    String what = "explain the float model that this one was quantized from";
    assertRefused(13, node("QuantizeLinear", "x", "ratio", "zero").addOutput("y"), what);
    assertRefused(13, node("DynamicQuantizeLinear", "x").addOutput("y"), what);
    assertRefused(13, node("QLinearConv", "x").addOutput("y"), what);
    assertRefused(13, node("QGemm", "x").setDomain("com.microsoft").addOutput("y"), what);
  }

  @Test
  void nodes_thatPassAValueOnCanBeNamed() throws IOException {
    OnnxArchive archive = OnnxArchive.unpack("turned_twice_13", folder);
    Network network = OnnxReader.open(archive.model()).network();
    KerasTensor target = network.outputs().get(0);
    List<String> names =
        List.of("Transpose_1", "Identity_2", "Dropout_3", "Identity_4", "Transpose_5", "Cast_6");
    for (String name : names) {
      LayerSelector.Selected given = LayerSelector.named(name).select(network, target);
      assertEquals(name, given.name());
      boolean turned = name.equals("Transpose_5") || name.equals("Cast_6");
      assertEquals(
          turned ? Shape.of(-1, 4, 4, 5) : Shape.of(-1, 4, 5, 4), given.tensor().value().shape());
    }
    assertEquals(
        Shape.of(-1, 4, 5, 4),
        LayerSelector.parse("input:Dropout_3").select(network, target).tensor().value().shape());
  }
}
