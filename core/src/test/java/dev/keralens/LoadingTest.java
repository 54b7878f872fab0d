package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.Network;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What loading a large model costs, in a process of its own: seconds, and megabytes of resident
 * memory that is no file's. The models are those of {@code parity/files/make_large.py}, in the
 * folder that {@code -Dkeralens.large} names.
 */
class LoadingTest {
  @ParameterizedTest
  @ValueSource(strings = {"resnet50v2.keras", "resnet50v2.h5"})
  @EnabledOnOs(OS.LINUX)
  @EnabledIfSystemProperty(named = "keralens.large", matches = ".+")
  void load_inUnderASecondWithoutACopy(String name, TestReporter reporter) throws Exception {
    Path file = Path.of(System.getProperty("keralens.large", ""), name);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:MaxDirectMemorySize=512m",
            "-cp",
            System.getProperty("java.class.path"),
            LoadingTest.class.getName(),
            file.toString());
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "1000000");
    Process process = builder.redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
    Map<String, Integer> figures = new TreeMap<>();
    for (String line : lines) {
      reporter.publishEntry(line);
      figures.put(
          line.substring(0, line.indexOf(':')), Integer.valueOf(line.replaceAll(".*: |\\D", "")));
    }
    int megabytes = (int) (Files.size(file) / 1_000_000);
    int before = figures.getOrDefault("before", 0);
    int loaded = figures.getOrDefault("loaded", 0) - before;
    int compiled = figures.getOrDefault("compiled", 0) - before;
    assertTrue(figures.getOrDefault("milliseconds", 9999) < 1000, lines::toString);
    assertTrue(loaded < megabytes / 2, lines::toString);
    assertTrue(compiled < 2 * megabytes, lines::toString);
  }

  /** Loads the model that the argument names and prints what it took. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    report("before");
    long start = System.nanoTime();
    try (Model model = Model.load(file)) {
      Network network = model.network();
      System.out.println("milliseconds: " + (System.nanoTime() - start) / 1_000_000);
      report("loaded");
      start = System.nanoTime();
      CompiledGraph graph = CompiledGraph.compile(network.graph(), RuntimeOptions.defaults());
      System.out.println("compile milliseconds: " + (System.nanoTime() - start) / 1_000_000);
      report("compiled");
      graph.close();
    }
    report("closed");
  }

  private static void report(String when) throws IOException {
    System.gc();
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(text -> text.startsWith("RssAnon"))
            .findFirst()
            .orElseThrow();
    System.out.println(when + ": " + Long.parseLong(line.replaceAll("\\D", "")) / 1000);
  }
}
