package dev.keralens.onnx.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxWriterTest {
  @TempDir Path folder;

  @Test
  void toModel_namesTheBatch() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4));
    Value seed = g.input("seed", ElementType.FLOAT32, Shape.of(-3, 4));
    ModelProto model = OnnxWriter.toModel(g.build(List.of(g.neg(x), g.neg(seed)))).proto();
    assertEquals(List.of("batch", "4"), sizes(model, 0));
    assertEquals(List.of("batch_x3", "4"), sizes(model, 1));
    assertEquals(Op.OPSET, model.getOpsetImport(0).getVersion());
  }

  @Test
  void toModel_saysEveryShape() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4));
    Value apart = g.reshape(x, Shape.of(Shape.BATCH, 2, 2));
    ModelProto model = OnnxWriter.toModel(g.build(List.of(g.neg(apart)))).proto();
    assertEquals(1, model.getGraph().getValueInfoCount());
    assertEquals(apart.name(), model.getGraph().getValueInfo(0).getName());
    var shape = model.getGraph().getValueInfo(0).getType().getTensorType().getShape();
    assertEquals("batch", shape.getDim(0).getDimParam());
    assertEquals(2, shape.getDim(2).getDimValue());
  }

  @Test
  void toModel_attributesOfEveryKind() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2, 4, 4));
    Attributes attributes =
        Attributes.of("kernel_shape", 2, 2)
            .with("auto_pad", "NOTSET")
            .with("ceil_mode", 1)
            .with("float", 0.5f)
            .with("floats", new float[] {1, 2});
    Graph graph = g.build(List.of(g.node(Op.AVERAGE_POOL, attributes, x)));
    NodeProto node = OnnxWriter.toModel(graph).proto().getGraph().getNode(0);
    assertEquals("AveragePool", node.getOpType());
    assertEquals(List.of(2L, 2L), attribute(node, "kernel_shape").getIntsList());
    assertEquals("NOTSET", attribute(node, "auto_pad").getS().toStringUtf8());
    assertEquals(1, attribute(node, "ceil_mode").getI());
    assertEquals(0.5f, attribute(node, "float").getF());
    assertEquals(List.of(1f, 2f), attribute(node, "floats").getFloatsList());
  }

  @Test
  void toModel_omittedInputs() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2));
    Value clipped = g.node(Op.CLIP, Attributes.NONE, x, null, g.scalar(6));
    Value untouched = g.node(Op.CLIP, Attributes.NONE, clipped, null, null);
    ModelProto model = OnnxWriter.toModel(g.build(List.of(untouched))).proto();
    assertEquals(List.of("x", "", "constant"), model.getGraph().getNode(0).getInputList());
    assertEquals(List.of(clipped.name()), model.getGraph().getNode(1).getInputList());
  }

  @Test
  void toModel_largeConstantsStayOutside() {
    OnnxModel model = OnnxWriter.toModel(dense());
    assertEquals(Set.of("kernel"), model.external().keySet());
    TensorProto kernel = model.proto().getGraph().getInitializer(0);
    assertEquals(TensorProto.DataLocation.EXTERNAL, kernel.getDataLocation());
    assertTrue(model.proto().getSerializedSize() < 1000);
  }

  @Test
  void write_embedded() throws Exception {
    Path path = folder.resolve("dense model.onnx");
    OnnxWriter.write(dense(), path);
    assertEquals(List.of(path), files());
    check(path);
    assertEquals(
        20 * 30 * 4,
        ModelProto.parseFrom(Files.readAllBytes(path))
            .getGraph()
            .getInitializer(0)
            .getRawData()
            .size());
  }

  @Test
  void write_besides() throws Exception {
    Path path = folder.resolve("dense.onnx");
    OnnxFile.write(OnnxWriter.toModel(dense()), path, 2000);
    assertEquals(List.of(path, folder.resolve("dense.onnx.data")), files());
    check(path);
    assertTrue(Files.size(path) < 1000);
  }

  @Test
  void write_failureLeavesTheOldFile() throws Exception {
    Path path = folder.resolve("old.onnx");
    Files.writeString(path, "old");
    GraphBuilder g = new GraphBuilder();
    Constant broken =
        Constant.deferred(
            ElementType.FLOAT32,
            new int[] {1000},
            () -> {
              throw new IllegalStateException("unreadable");
            });
    Graph graph = g.build(List.of(g.neg(g.constant("broken", broken))));
    assertThrows(IllegalStateException.class, () -> OnnxWriter.write(graph, path));
    assertEquals("old", Files.readString(path));
    assertEquals(List.of(path), files());
  }

  @Test
  void write_noSuchFolder() {
    assertThrows(
        IOException.class, () -> OnnxWriter.write(dense(), folder.resolve("none/model.onnx")));
    assertFalse(Files.exists(folder.resolve("none")));
  }

  /** y = x kernel + bias, 20 to 30, every element of the kernel and of the bias its index. */
  private static Graph dense() {
    float[] kernel = new float[20 * 30];
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] = i;
    }
    float[] bias = Arrays.copyOf(kernel, 30);
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 20));
    Value k = g.constant("kernel", Constant.of(Tensor.of(kernel, 20, 30)));
    Value b = g.constant("bias", Constant.of(Tensor.of(bias, 30)));
    return g.build(List.of(g.node(Op.GEMM, x, k, b)));
  }

  private static void check(Path path) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    float[] x = new float[40];
    x[3] = 1;
    x[20] = 2;
    try (OrtSession session = environment.createSession(path.toString());
        OnnxTensor in =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), new long[] {2, 20});
        OrtSession.Result out = session.run(Map.of("x", in))) {
      float[] expected = new float[60];
      for (int i = 0; i < 30; i++) {
        expected[i] = 90 + i + i;
        expected[30 + i] = 2 * i + i;
      }
      assertArrayEquals(expected, ((OnnxTensor) out.get(0)).getFloatBuffer().array());
    }
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static List<String> sizes(ModelProto model, int input) {
    return model
        .getGraph()
        .getInput(input)
        .getType()
        .getTensorType()
        .getShape()
        .getDimList()
        .stream()
        .map(axis -> axis.hasDimParam() ? axis.getDimParam() : "" + axis.getDimValue())
        .toList();
  }

  private static AttributeProto attribute(NodeProto node, String name) {
    return node.getAttributeList().stream()
        .filter(attribute -> attribute.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
