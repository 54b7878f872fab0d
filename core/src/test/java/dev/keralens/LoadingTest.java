package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.file.QuietJava;
import dev.keralens.network.Network;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.CompiledGraph;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What loading a large model costs, in a process of its own: seconds, and megabytes of resident
 * memory that is no file's. One model is made here; those of {@code parity/files/make_large.py} lie
 * in the folder that {@code -Dkeralens.large} names.
 */
class LoadingTest {
  private static final int UNITS = 4000;
  private static final String DENSE =
      """
      {"module": "keras", "class_name": "Sequential", "config": {"name": "dense", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "config":
          {"batch_shape": [null, %1$d], "dtype": "float32", "name": "input"}},
        {"module": "keras.layers", "class_name": "Dense", "config":
          {"name": "dense", "units": %1$d, "activation": "linear", "use_bias": true}}]}}
      """;

  @TempDir Path folder;

  /** A kernel of 64 MB in a process whose heap has no room for it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void load_holdsNoCopyOfTheWeights(TestReporter reporter) throws Exception {
    Path weights = folder.resolve("dense.weights.h5");
    try (WritableHdfFile hdf = HdfFile.write(weights)) {
      WritableGroup vars = hdf.putGroup("layers").putGroup("dense").putGroup("vars");
      vars.putDataset("0", new float[UNITS][UNITS]);
      vars.putDataset("1", new float[UNITS]);
    }
    Path json = Files.writeString(folder.resolve("dense.json"), DENSE.formatted(UNITS));
    Map<String, Integer> figures = measure(reporter, 60, json, weights);
    int before = figures.getOrDefault("before", 0);
    assertTrue(figures.getOrDefault("loaded", 999) - before < 40, figures::toString);
    // The engine's own: what it was given, until it has packed it, and what it packed.
    int compiled = figures.getOrDefault("compiled", 0) - before;
    assertTrue(compiled >= 60 && compiled < 200, figures::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet50v2.keras", "resnet50v2.h5"})
  @EnabledOnOs(OS.LINUX)
  @EnabledIfSystemProperty(named = "keralens.large", matches = ".+")
  void load_inUnderASecondWithoutACopy(String name, TestReporter reporter) throws Exception {
    Path file = Path.of(System.getProperty("keralens.large", ""), name);
    Map<String, Integer> figures = measure(reporter, 64, file);
    int megabytes = (int) (Files.size(file) / 1_000_000);
    int before = figures.getOrDefault("before", 0);
    int loaded = figures.getOrDefault("loaded", 0) - before;
    int compiled = figures.getOrDefault("compiled", 0) - before;
    assertTrue(figures.getOrDefault("milliseconds", 9999) < 1000, figures::toString);
    assertTrue(loaded < megabytes / 2, figures::toString);
    assertTrue(compiled < 2 * megabytes, figures::toString);
  }

  private static Map<String, Integer> measure(TestReporter reporter, int heap, Path... files)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap + "m",
                "-XX:+UseSerialGC",
                "-XX:MaxDirectMemorySize=512m",
                "-cp",
                System.getProperty("java.class.path"),
                LoadingTest.class.getName()));
    command.addAll(1, QuietJava.options());
    for (Path file : files) {
      command.add(file.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
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
    return figures;
  }

  /** Loads the model that the arguments name and prints what it took. */
  public static void main(String[] arguments) throws IOException {
    List<Path> files = Arrays.stream(arguments).map(Path::of).toList();
    report("before");
    long start = System.nanoTime();
    try (Model model =
        files.size() == 1 ? Model.load(files.get(0)) : Model.load(files.get(0), files.get(1))) {
      Network network = model.network();
      System.out.println("milliseconds: " + (System.nanoTime() - start) / 1_000_000);
      report("loaded");
      start = System.nanoTime();
      CompiledGraph graph = CompiledGraph.compile(network.graph(), RuntimeOptions.defaults());
      graph.prepare(1);
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
