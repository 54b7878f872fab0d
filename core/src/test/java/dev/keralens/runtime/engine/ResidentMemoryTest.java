package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.file.QuietJava;
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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a network with 104 MB of convolution kernels does to a process's memory. Reports the figures
 * and fails where a copy of the weights stays that need not.
 */
class ResidentMemoryTest {
  private static final int LAYERS = 11;
  private static final int CHANNELS = 512;
  private static final int LAYER_BYTES = CHANNELS * CHANNELS * 9 * 4;
  private static final int WEIGHTS = LAYERS * LAYER_BYTES / 1_000_000;

  /**
   * The C library keeps much of what is freed for itself, unless it is told from which size on to
   * give it back to the system.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @EnabledOnOs(OS.LINUX)
  void compile_keepsTheEnginesCopyOfTheWeightsOnly(
      boolean giveBack, @TempDir Path folder, TestReporter reporter) throws Exception {
    ProcessBuilder builder = process(512, folder);
    if (giveBack) {
      builder.environment().put("MALLOC_MMAP_THRESHOLD_", "1000000");
    }
    Process process = builder.redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
    Map<String, Integer> megabytes = new TreeMap<>();
    for (String line : lines) {
      reporter.publishEntry(line);
      megabytes.put(
          line.substring(0, line.indexOf(':')), Integer.valueOf(line.replaceAll("\\D", "")));
    }
    int before = megabytes.getOrDefault("before", 0);
    int loaded = megabytes.getOrDefault("loaded", 0) - before;
    int compiled = megabytes.getOrDefault("compiled", 0) - before;
    assertTrue(loaded < WEIGHTS / 4, () -> "loading takes " + loaded + " MB");
    assertTrue(compiled > 0.8 * WEIGHTS, () -> "compiling takes only " + compiled + " MB");
    double copies = giveBack ? 1.4 : 3.4;
    assertTrue(compiled < copies * WEIGHTS, () -> "compiling takes " + compiled + " MB");
    int closed = megabytes.getOrDefault("closed", 0) - before;
    assertTrue(!giveBack || closed < 0.4 * WEIGHTS, () -> closed + " MB stay when it is closed");
  }

  /** Newer Java does not count this memory against its limit. */
  @Test
  @EnabledForJreRange(max = JRE.JAVA_21)
  void compile_withoutRoomForTheWeights(@TempDir Path folder) throws Exception {
    Process process = process(64, folder).redirectErrorStream(true).start();
    String output = String.join("\n", process.inputReader().lines().toList());
    assertEquals(1, process.waitFor(), output);
    assertTrue(output.contains("GraphExecutionException: While a network is compiled"), output);
    assertTrue(output.contains("MaxDirectMemorySize=100m"), output);
    assertTrue(output.contains("withScratch"), output);
  }

  private static ProcessBuilder process(int direct, Path folder) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=" + direct + "m",
                "-cp",
                System.getProperty("java.class.path"),
                ResidentMemoryTest.class.getName(),
                folder.toString()));
    command.addAll(1, QuietJava.options());
    return new ProcessBuilder(command);
  }

  /** Prints the resident memory of this process, in megabytes, at four points. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0], "weights");
    writeWeights(file);
    // The engine's own memory counts as before.
    try (CompiledGraph small = CompiledGraph.compile(graph(file, 1))) {
      small.prepare(1);
    }
    report("before");
    Graph graph = graph(file, LAYERS);
    report("loaded");
    try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
      compiled.prepare(1);
      report("compiled");
      compiled.run(List.of(Tensor.of(new float[CHANNELS * 49], 1, CHANNELS, 7, 7)));
      report("run");
    }
    report("closed");
  }

  private static void report(String when) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(text -> text.startsWith("RssAnon"))
            .findFirst()
            .orElseThrow();
    System.out.println(when + ": " + Long.parseLong(line.replaceAll("\\D", "")) / 1000 + " MB");
  }

  private static void writeWeights(Path file) throws IOException {
    ByteBuffer layer = ByteBuffer.allocate(LAYER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (layer.hasRemaining()) {
      layer.putFloat((layer.position() % 28) * 0.001f - 0.013f);
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < LAYERS; i++) {
        channel.write(layer.rewind());
      }
    }
  }

  private static Graph graph(Path file, int layers) {
    int[] shape = {CHANNELS, CHANNELS, 3, 3};
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, CHANNELS, 7, 7));
    Value y = x;
    for (int layer = 0; layer < layers; layer++) {
      long offset = (long) layer * LAYER_BYTES;
      Constant kernel =
          Constant.deferred(ElementType.FLOAT32, shape, () -> map(file, offset, shape));
      y =
          g.relu(
              g.node(Op.CONV, Attributes.of("pads", 1, 1, 1, 1), y, g.constant("kernel", kernel)));
    }
    return g.build(List.of(y));
  }

  private static Tensor map(Path file, long offset, int[] shape) {
    try (FileChannel channel = FileChannel.open(file)) {
      return Tensor.wrap(
          ElementType.FLOAT32,
          channel.map(FileChannel.MapMode.READ_ONLY, offset, LAYER_BYTES),
          shape);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
