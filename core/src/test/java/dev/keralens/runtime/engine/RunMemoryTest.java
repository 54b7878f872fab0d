package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunMemoryTest {
  private static final long GB = 1_000_000_000;

  private final GraphBuilder builder = new GraphBuilder();

  private Value input(int... sizes) {
    return builder.input("x", ElementType.FLOAT32, Shape.of(sizes));
  }

  private static MachineMemory machine(long bytes) {
    return new MachineMemory(Map.of("The machine", bytes));
  }

  @Test
  void values_ofAChainAreNeverAliveAtOnce() {
    Value x = input(-1, 10);
    Value y = x;
    for (int i = 0; i < 5; i++) {
      y = builder.node(Op.RELU, Attributes.NONE, builder.add(y, x));
    }
    // x is read to the end; of the others, each may be written over the one before.
    RunMemory memory = RunMemory.of(builder.build(List.of(y)));
    assertEquals(2 * 40, memory.row());
    assertEquals(0, memory.fixed());
  }

  @Test
  void values_thatOnlyNameAxesAnewTakeNothing() {
    Value x = input(-1, 4, 10);
    Value y = builder.reshape(x, Shape.of(-1, 40));
    RunMemory memory = RunMemory.of(builder.build(List.of(y)));
    assertEquals(160, memory.row());
  }

  @Test
  void weights_countOnce() {
    Value x = input(-1, 10);
    Value w = builder.constant("w", Constant.of(Tensor.of(new float[200], 10, 20)));
    Value y = builder.node(Op.MAT_MUL, Attributes.NONE, x, w);
    RunMemory memory = RunMemory.of(builder.build(List.of(y)));
    assertEquals(800, memory.weights());
    assertEquals(80, memory.row());
  }

  private Graph wide() {
    Value x = input(-1, 1, 1000, 1000);
    builder.scope("up");
    Value pads = builder.ints(0, 0, 10_000, 10_000, 0, 0, 10_000, 10_000);
    Value y = builder.node(Op.PAD, Attributes.NONE, x, pads);
    return builder.build(List.of(y));
  }

  @Test
  void run_thatDoesNotFitIsRefusedWithItsLargestValue() {
    RunMemory memory = RunMemory.of(wide());
    GraphExecutionException refused =
        assertThrows(GraphExecutionException.class, () -> memory.check(4, 2, machine(10 * GB)));
    String message = String.valueOf(refused.getMessage());
    for (String part :
        List.of(
            "14.1 GB", // 2 x 4 x 21,000 x 21,000 x 4 bytes
            "8 rows",
            "'up/Pad' of shape (4, 1, 21000, 21000)",
            "7.1 GB",
            "The machine allows 10.0 GB",
            "--batch-size")) {
      assertTrue(message.contains(part), part + " in " + message);
    }
    memory.check(4, 1, machine(10 * GB));
    memory.check(1, 2, machine(10 * GB));
  }

  @Test
  void run_thatIsSmallIsNeverRefused() {
    RunMemory.of(builder.build(List.of(builder.add(input(-1, 10), input(-1, 10)))))
        .check(1000, 8, machine(1));
  }

  @Test
  void run_isRefusedBeforeItIsCompiled() {
    Value x = input(-1, 1, 4, 4);
    builder.scope("up");
    int most = 300_000;
    Value y =
        builder.node(Op.PAD, Attributes.NONE, x, builder.ints(0, 0, most, most, 0, 0, most, most));
    try (CompiledGraph graph = CompiledGraph.compile(builder.build(List.of(y)))) {
      GraphExecutionException refused =
          assertThrows(GraphExecutionException.class, () -> graph.prepare(1));
      assertTrue(String.valueOf(refused.getMessage()).contains("'up/Pad'"), refused::toString);
    }
  }

  @Test
  void machine_namesItsNarrowestLimit() {
    MachineMemory machine = new MachineMemory(Map.of("A", 5L, "B", 3L, "C", 4L));
    assertEquals(new MachineMemory.Limit("B", 3), machine.limit());
    assertEquals(Long.MAX_VALUE, new MachineMemory(Map.of()).limit().bytes());
    assertTrue(MachineMemory.current().limit().bytes() > 0);
  }

  @Test
  void machine_isNotAskedWhereTheUserSaysSo() {
    System.setProperty("keralens.memory", "unchecked");
    try {
      assertEquals(Long.MAX_VALUE, MachineMemory.current().limit().bytes());
    } finally {
      System.clearProperty("keralens.memory");
    }
  }
}
