package dev.keralens.graph;

import static dev.keralens.graph.Operand.floats;
import static dev.keralens.graph.Operand.indices;
import static dev.keralens.graph.Operand.ints;
import static dev.keralens.graph.Operand.none;
import static dev.keralens.graph.Operand.weights;
import static dev.keralens.graph.Operand.x;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.OperatorRow.Built;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Holds the inferred shape and type of every operator to what ONNX Runtime gives. */
class ShapeInferenceTest {
  private static final Attributes NONE = Attributes.NONE;

  @TestFactory
  Stream<DynamicTest> shape_ofEveryRow() {
    return OperatorRows.all().stream()
        .map(row -> DynamicTest.dynamicTest(row.toString(), () -> check(row)));
  }

  /** ONNX Runtime itself refuses a graph that declares another type than it infers. */
  private static void check(OperatorRow row) {
    GraphBuilder b = new GraphBuilder();
    Built built = row.build(b);
    RuntimeOptions options = RuntimeOptions.defaults().withThreads(1);
    try (CompiledGraph compiled = CompiledGraph.compile(b.build(built.outputs()), options)) {
      for (int batch : new int[] {1, 3}) {
        List<Tensor> out = compiled.run(RowRun.sample(built.fed(), batch, new Random(batch)));
        assertEquals(built.outputs().size(), out.size());
        for (int i = 0; i < out.size(); i++) {
          Value y = built.outputs().get(i);
          assertArrayEquals(y.shape().forBatch(batch), out.get(i).shape(), y + " for " + batch);
          assertEquals(y.type(), out.get(i).type());
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> shape_refused() {
    Operand.Fed image = x(-1, 3, 8, 8);
    return Stream.of(
        refused(Op.ADD, NONE, "shapes (batch, 3) and (4,) do not broadcast", x(-1, 3), x(4)),
        refused(Op.ADD, NONE, "two axes of its output would depend on the batch", x(-1, 1), x(-1)),
        refused(Op.MUL, NONE, "its inputs are of types FLOAT32 and INT64", x(-1, 3), ints(1)),
        refused(Op.AND, NONE, "it takes truth values (BOOL)", x(-1, 3), x(-1, 3)),
        refused(
            Op.WHERE, NONE, "its condition is of type FLOAT32, expected BOOL", x(3), x(3), x(3)),
        refused(
            Op.CLIP, NONE, "its bound is of shape (2,), expected a scalar", x(-1, 2), floats(0, 1)),
        refused(
            Op.PRELU,
            NONE,
            "its slope has more elements than its input",
            x(-1, 3),
            weights(2, 1, 3)),
        refused(
            Op.CAST,
            Attributes.of("to", 8),
            "its inputs do not fit its attributes (Tensors of ONNX type 8 are not supported.)",
            x(-1, 3)),
        refused(Op.MAT_MUL, NONE, "inner sizes 3 and 4 differ", x(-1, 3), weights(4, 2)),
        refused(
            Op.MAT_MUL,
            NONE,
            "it would mix the rows of the batch, its inner axis",
            x(3, -1),
            x(-1, 2)),
        refused(
            Op.MAT_MUL,
            NONE,
            "two axes of its output would depend on the batch",
            x(-1, 3),
            x(3, -1)),
        refused(Op.GEMM, NONE, "its inputs must be matrices", x(-1, 2, 3), weights(3, 4)),
        refused(
            Op.GEMM,
            NONE,
            "its bias has more elements than the product, (batch, 4)",
            x(-1, 3),
            weights(3, 4),
            weights(2, 1, 4)),
        refused(
            Op.EINSUM,
            NONE.with("equation", "bi,bi->i"),
            "it would mix the rows of the batch, axis 'b'",
            x(-1, 3),
            x(-1, 3)),
        refused(
            Op.EINSUM,
            NONE.with("equation", "bi,ij->bk"),
            "axis 'k' of the output is in none of its inputs",
            x(-1, 3),
            weights(3, 4)),
        refused(
            Op.EINSUM,
            NONE.with("equation", "bi,ij->bj"),
            "axis 'i' is both 3 and 4",
            x(-1, 3),
            weights(4, 2)),
        refused(
            Op.EINSUM,
            NONE.with("equation", "...i->i"),
            "equation '...i->i' must name every axis and the output",
            x(-1, 3)),
        refused(Op.CONV, NONE, "its kernel takes 2 channels, got 3", image, weights(4, 2, 3, 3)),
        refused(
            Op.CONV,
            Attributes.of("group", 3),
            "its 4 outputs do not part into 3 groups",
            image,
            weights(4, 1, 3, 3)),
        refused(
            Op.CONV,
            NONE,
            "its bias is of shape (5,), for 4 outputs",
            image,
            weights(4, 3, 3, 3),
            weights(5)),
        refused(
            Op.CONV,
            NONE,
            "along spatial axis 1 the image has the size 8, the window reaches 9",
            image,
            weights(4, 3, 3, 9)),
        refused(Op.CONV, NONE, "it has 2 spatial axes, its kernel 1", image, weights(4, 3, 3)),
        refused(
            Op.CONV,
            Attributes.of("strides", 2),
            "its inputs do not fit its attributes (Attribute 'strides' is Long 2, expected int[].)",
            image,
            weights(4, 3, 3, 3)),
        refused(
            Op.CONV,
            NONE.with("auto_pad", "SAME_UPPER"),
            "its inputs do not fit its attributes (automatic padding SAME_UPPER must be made"
                + " explicit)",
            image,
            weights(4, 3, 3, 3)),
        refused(
            Op.MAX_POOL,
            Attributes.of("kernel_shape", 2, 2).with("pads", 0, 2, 0, 0),
            "along spatial axis 1 it pads by 2, its kernel has the size 2",
            image),
        refused(
            Op.MAX_POOL,
            Attributes.of("kernel_shape", 2, 2),
            "it would mix the rows of the batch, axis 2",
            x(3, 4, -1, 8)),
        refused(
            Op.GLOBAL_AVERAGE_POOL,
            NONE,
            "its input needs a batch, a channel and at least one spatial axis",
            x(-1, 3)),
        refused(
            Op.GLOBAL_MAX_POOL, NONE, "it would mix the rows of the batch, axis 3", x(3, 4, 8, -1)),
        refused(
            Op.BATCH_NORMALIZATION,
            NONE,
            "input 2 is of shape (4,), expected (3,)",
            image,
            weights(3),
            weights(4),
            weights(3),
            weights(3)),
        refused(
            Op.INSTANCE_NORMALIZATION,
            NONE,
            "it would mix the rows of the batch, axis 2",
            x(2, 3, -1),
            weights(3),
            weights(3)),
        refused(
            Op.LAYER_NORMALIZATION,
            NONE,
            "(2, 8) does not fit the normalized axes",
            image,
            weights(2, 8)),
        refused(
            Op.LAYER_NORMALIZATION,
            Attributes.of("axis", 0),
            "it would mix the rows of the batch, axis 0",
            image,
            weights(8)),
        refused(
            Op.LRN,
            Attributes.of("size", 3),
            "it would mix the rows of the batch, axis 1",
            x(2, -1, 8, 8)),
        refused(Op.SOFTMAX, NONE, "it would mix the rows of the batch, axis 1", x(3, -1)),
        refused(
            Op.LP_NORMALIZATION,
            Attributes.of("axis", 0),
            "it would mix the rows of the batch, axis 0",
            x(-1, 3)),
        refused(Op.REDUCE_SUM, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3)),
        refused(Op.REDUCE_MAX, NONE, "there is no axis 2 among 2", x(-1, 3), ints(2)),
        refused(Op.ARG_MAX, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3)),
        refused(Op.CUM_SUM, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3), ints(0)),
        refused(Op.TOP_K, NONE, "it takes 4 of 3 elements", x(-1, 3), ints(4)),
        refused(
            Op.CONCAT,
            Attributes.of("axis", 1),
            "shapes (batch, 3, 2) and (batch, 3, 4) differ beside axis 1",
            x(-1, 3, 2),
            x(-1, 3, 4)),
        refused(
            Op.CONCAT,
            Attributes.of("axis", 0),
            "it would mix the rows of the batch, axis 0",
            x(-1, 3),
            x(-1, 3)),
        refused(
            Op.DEPTH_TO_SPACE,
            Attributes.of("blocksize", 2),
            "axis 1 has the size 3, not a multiple of 4",
            image),
        refused(
            Op.SPACE_TO_DEPTH,
            Attributes.of("blocksize", 3),
            "axis 2 has the size 8, not a multiple of 3",
            image),
        refused(
            Op.EXPAND, NONE, "shapes (batch, 3) and (4, 3) do not broadcast", x(-1, 3), ints(4, 3)),
        refused(
            Op.FLATTEN,
            Attributes.of("axis", 2),
            "it would mix the rows of the batch, axis 1",
            x(3, -1, 2)),
        refused(
            Op.RESHAPE, NONE, "its elements do not fit the shape [-1, 4]", x(-1, 6), ints(-1, 4)),
        refused(Op.RESHAPE, NONE, "its elements do not fit the shape [1, 6]", x(-1, 6), ints(1, 6)),
        refused(
            Op.RESHAPE,
            NONE,
            "it would mix the rows of the batch, axis 1",
            x(2, -1, 3),
            ints(-1, 6)),
        refused(Op.RESHAPE, NONE, "input 1 must be a constant", x(-1, 6), x(2)),
        refused(
            Op.RESIZE,
            NONE,
            "it would mix the rows of the batch, axis 0",
            image,
            none(),
            none(),
            ints(1, 3, 4, 4)),
        refused(
            Op.RESIZE,
            Attributes.of("axes", 2, 3),
            "it has 1 sizes for 2 axes",
            image,
            none(),
            none(),
            ints(4)),
        refused(
            Op.RESIZE,
            NONE,
            "the size 10 of axis 1 times 0.7 is too near a whole number, give sizes",
            x(-1, 10),
            none(),
            floats(1, 0.7)),
        refused(
            Op.SPLIT,
            Attributes.of("axis", 1),
            "it has 1 outputs: num_outputs or the parts' sizes must say so",
            x(-1, 3)),
        refused(
            Op.SPLIT, Attributes.of("axis", 1), "its parts add up to 2, not 3", x(-1, 3), ints(2)),
        refused(
            Op.SQUEEZE,
            NONE,
            "its axes must be named: a batch of one row would be removed too",
            x(-1, 1)),
        refused(Op.SQUEEZE, NONE, "axis 1 has the size 3, not 1", x(-1, 3), ints(1)),
        refused(Op.TILE, NONE, "it has 1 repeats for 2 axes", x(-1, 3), ints(2)),
        refused(Op.TILE, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3), ints(2, 1)),
        refused(
            Op.TRANSPOSE, Attributes.of("perm", 0, 2), "perm is no order of the axes", x(-1, 3)),
        refused(Op.TRILU, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3)),
        refused(
            Op.PAD, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3), ints(1, 0, 0, 0)),
        refused(Op.PAD, NONE, "it has 2 pads for 2 axes", x(-1, 3), ints(1, 0)),
        refused(
            Op.PAD,
            NONE,
            "nothing would be left of axis 1: its size would be 0",
            x(-1, 3),
            ints(0, -2, 0, -1)),
        refused(
            Op.SLICE,
            NONE,
            "it would mix the rows of the batch, axis 0",
            x(-1, 3),
            ints(0),
            ints(1)),
        refused(
            Op.SLICE, NONE, "nothing would be left of axis 1", x(-1, 3), ints(2), ints(2), ints(1)),
        refused(Op.GATHER, NONE, "it would mix the rows of the batch, axis 0", x(-1, 3), ints(0)),
        refused(
            Op.GATHER_ELEMENTS,
            Attributes.of("axis", 1),
            "its indices of shape (1, 2) do not fit axis 0",
            x(-1, 3),
            indices(new int[] {1, 2}, 0, 1)),
        refused(
            Op.GATHER_ND,
            NONE,
            "it would mix the rows of the batch, axis 0",
            x(-1, 3),
            indices(new int[] {2, 1}, 0, 1)),
        refused(
            Op.GATHER_ND,
            Attributes.of("batch_dims", 1),
            "its input of shape (batch, 3) and its indices of shape (2, 1) differ in axis 0",
            x(-1, 3),
            indices(new int[] {2, 1}, 0, 1)),
        refused(
            Op.SCATTER_ND,
            NONE,
            "its updates are of shape (3, batch), expected (2, batch)",
            x(5, -1),
            indices(new int[] {2, 1}, 0, 1),
            x(3, -1)),
        refused(
            Op.SCATTER_ELEMENTS,
            Attributes.of("axis", 1),
            "its updates are of shape (batch, 3), expected (batch, 2)",
            x(-1, 3),
            x(-1, 2).as(ElementType.INT64),
            x(-1, 3)),
        refused(Op.RELU, NONE, "input 0 is missing"));
  }

  private static DynamicTest refused(
      Op op, Attributes attributes, String problem, Operand... operands) {
    OperatorRow row = OperatorRow.row(op, "", attributes, operands);
    return DynamicTest.dynamicTest(
        op.onnxName() + ": " + problem,
        () -> {
          IllegalArgumentException e =
              assertThrows(IllegalArgumentException.class, () -> row.build(new GraphBuilder()));
          String message = String.valueOf(e.getMessage());
          assertTrue(message.startsWith(op.onnxName() + "("), message);
          assertEquals(problem + ".", message.replaceFirst("^.*\\{.*?\\}: ", ""));
        });
  }
}
