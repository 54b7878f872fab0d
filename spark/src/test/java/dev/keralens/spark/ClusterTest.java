package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.package$;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The assembly with a real distribution of Spark, that of a Python with PySpark of our version:
 * {@code cluster.py}. Run once the assembly is built, and skipped where no such Python is.
 */
@EnabledOnOs(OS.LINUX)
class ClusterTest {
  private static final int MINUTES = 15;

  /** The version of Spark that this is compiled for, as 4.2. */
  private static String sparkVersion() {
    return package$.MODULE$.SPARK_VERSION().replaceAll("^(\\d+\\.\\d+).*", "$1");
  }

  private static @Nullable String python() throws IOException, InterruptedException {
    String named = System.getenv("KERALENS_PYTHON");
    for (String python : Stream.of(named, "python3").filter(Objects::nonNull).toList()) {
      if (version(python).startsWith(sparkVersion() + ".")) {
        return python;
      }
    }
    return null;
  }

  private static String version(String python) throws IOException, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import pyspark, pyspark.ml; print(pyspark.__version__)")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? version : "";
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void lostWorker_changesNothing(@TempDir Path folder) throws IOException, InterruptedException {
    String python = python();
    assumeTrue(
        python != null,
        () ->
            "no Python with pyspark %s: pip install pyspark, and name it by KERALENS_PYTHON"
                .formatted(sparkVersion()));
    String assembly = String.valueOf(System.getenv("KERALENS_ASSEMBLY"));
    assertTrue(Files.exists(Path.of(assembly)), assembly);
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                List.of(
                    String.valueOf(python),
                    "cluster.py",
                    assembly,
                    folder.resolve("work").toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), () -> tail(log));
      assertEquals(0, process.exitValue(), () -> tail(log));
      System.out.println(tail(log));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }
}
