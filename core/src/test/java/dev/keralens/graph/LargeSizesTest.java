package dev.keralens.graph;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes that cannot be: the operator, the axis and the value are said, never how Java failed. */
class LargeSizesTest {
  private static final long HUGE = 1L << 40;

  /** What a message must have, by the operator that is added to an image (batch, 3, 8, 8). */
  private static final Map<String, BiFunction<GraphBuilder, Value, Value>> CASES =
      Map.ofEntries(
          Map.entry(
              "Tile: 1099511627776", (b, x) -> b.node(Op.TILE, none(), x, longs(b, 1, 1, HUGE, 1))),
          Map.entry(
              "Tile: 9223372036854775807",
              (b, x) -> b.node(Op.TILE, none(), x, longs(b, 1, 1, Long.MAX_VALUE, 1))),
          Map.entry("Tile: -3 times", (b, x) -> b.node(Op.TILE, none(), x, longs(b, 1, 1, -3, 1))),
          Map.entry(
              "Tile: (batch, 3, 8000008, 8000000)",
              (b, x) -> b.node(Op.TILE, none(), x, longs(b, 1, 1, 1000001, 1000000))),
          Map.entry(
              "Pad: 2199023255560",
              (b, x) -> b.node(Op.PAD, none(), x, longs(b, 0, 0, HUGE, 0, 0, 0, HUGE, 0))),
          Map.entry(
              "Pad: 9223372036854775807",
              (b, x) ->
                  b.node(
                      Op.PAD,
                      none(),
                      x,
                      longs(b, 0, 0, Long.MAX_VALUE, 0, 0, 0, Long.MAX_VALUE, 0))),
          Map.entry(
              "Pad: its size would be -8",
              (b, x) -> b.node(Op.PAD, none(), x, longs(b, 0, 0, -8, 0, 0, 0, -8, 0))),
          Map.entry(
              "Expand: 4294967296",
              (b, x) -> b.node(Op.EXPAND, none(), x, longs(b, 1L << 32, 1, 1, 1, 1))),
          Map.entry(
              "Reshape: 1099511627776",
              (b, x) -> b.node(Op.RESHAPE, none(), x, longs(b, -1, HUGE))),
          Map.entry(
              "Reshape: there is no axis 4",
              (b, x) -> b.node(Op.RESHAPE, none(), x, longs(b, 0, 0, 0, 0, 0))),
          Map.entry(
              "Resize: 1099511627776",
              (b, x) -> b.node(Op.RESIZE, none(), x, null, null, longs(b, 1, 3, HUGE, 8))),
          Map.entry(
              "Resize: 799999983616",
              (b, x) ->
                  b.node(
                      Op.RESIZE,
                      none(),
                      x,
                      null,
                      b.constant(Tensor.of(new float[] {1, 1, (float) 1e11, 1}, 4)))),
          Map.entry(
              "Flatten: there is no axis 2147483647",
              (b, x) -> b.node(Op.FLATTEN, Attributes.of("axis", Integer.MAX_VALUE), x)),
          Map.entry(
              "Flatten: there is no axis -5",
              (b, x) -> b.node(Op.FLATTEN, Attributes.of("axis", -5), x)),
          Map.entry(
              "Gather: position 1099511627776 of axis 1",
              (b, x) -> b.node(Op.GATHER, Attributes.of("axis", 1), x, longs(b, HUGE))),
          Map.entry(
              "Gather: position -4 of axis 1",
              (b, x) -> b.node(Op.GATHER, Attributes.of("axis", 1), x, longs(b, -4))),
          Map.entry(
              "Slice: step along axis 2 is 0",
              (b, x) ->
                  b.node(Op.SLICE, none(), x, longs(b, 0), longs(b, 8), longs(b, 2), longs(b, 0))),
          Map.entry(
              "Slice: 4294967298",
              (b, x) ->
                  b.node(Op.SLICE, none(), x, longs(b, 0), longs(b, 8), longs(b, (1L << 32) + 2))),
          Map.entry(
              "DepthToSpace: blocksize is 0",
              (b, x) -> b.node(Op.DEPTH_TO_SPACE, Attributes.of("blocksize", 0), x)),
          Map.entry(
              "DepthToSpace: 4611686014132420609",
              (b, x) ->
                  b.node(Op.DEPTH_TO_SPACE, Attributes.of("blocksize", Integer.MAX_VALUE), x)),
          Map.entry(
              "SpaceToDepth: blocksize is -1",
              (b, x) -> b.node(Op.SPACE_TO_DEPTH, Attributes.of("blocksize", -1), x)),
          Map.entry(
              "MaxPool: its stride 0",
              (b, x) ->
                  b.node(
                      Op.MAX_POOL, Attributes.of("kernel_shape", 2, 2).with("strides", 0, 1), x)),
          Map.entry(
              "MaxPool: 2147483647",
              (b, x) ->
                  b.node(
                      Op.MAX_POOL,
                      Attributes.of("kernel_shape", 3, 3).with("dilations", Integer.MAX_VALUE, 1),
                      x)),
          Map.entry(
              "Conv: 0 groups",
              (b, x) ->
                  b.node(
                      Op.CONV,
                      Attributes.of("group", 0),
                      x,
                      b.constant(Tensor.of(new float[27], 1, 3, 3, 3)))),
          Map.entry(
              "ConvTranspose: 2147483647",
              (b, x) ->
                  b.node(
                      Op.CONV_TRANSPOSE,
                      Attributes.of("strides", Integer.MAX_VALUE, 1),
                      x,
                      b.constant(Tensor.of(new float[27], 3, 1, 3, 3)))));

  private static Attributes none() {
    return Attributes.NONE;
  }

  private static Value longs(GraphBuilder builder, long... numbers) {
    return builder.constant(Tensor.of(numbers, numbers.length));
  }

  static Stream<String> cases() {
    return CASES.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void size_isRefusedAndSaid(String name) {
    GraphBuilder builder = new GraphBuilder();
    Value x = builder.input("x", ElementType.FLOAT32, Shape.of(-1, 3, 8, 8));
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Objects.requireNonNull(CASES.get(name)).apply(builder, x))
                .getMessage());
    String[] parts = name.split(": ", 2);
    assertTrue(message.startsWith(parts[0] + "(x: FLOAT32(batch, 3, 8, 8)"), message);
    assertTrue(message.contains(parts[1]), message);
    for (String bare : List.of("overflow", "for length", "by zero", "null")) {
      assertFalse(message.contains(bare), message);
    }
  }

  @Test
  void concat_ofLargePartsIsRefused() {
    GraphBuilder builder = new GraphBuilder();
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(builder.input("x", ElementType.BOOL, Shape.of(-1, 1 << 30)));
    }
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> builder.concat(1, parts))
                .getMessage());
    assertTrue(message.contains("axis 1") && message.contains("3221225472"), message);
  }

  @Test
  void input_thatNoMachineHoldsIsRefused() {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () ->
                        new GraphBuilder()
                            .input("x", ElementType.FLOAT32, Shape.of(-1, 3, 1_000_000_000, 1_000)))
                .getMessage());
    assertTrue(message.contains("'x'") && message.contains("1000000000"), message);
  }
}
