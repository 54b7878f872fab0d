package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Explaining again and again takes no more memory, of the process or of Java. */
class MemoryTest {
  private static final Path FOLDER = Path.of("src/test/resources/parity/nested");
  private static final Path STATUS = Path.of("/proc/self/status");

  /** What the process has in memory that is no file, in bytes. */
  private static long resident() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("RssAnon:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("There is no RssAnon in " + STATUS);
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void explain(Explainer explainer, Tensor x, int times) {
    for (int i = 0; i < times; i++) {
      explainer.explainAll(List.of(x), Units.top(1 + i % 3));
    }
  }

  @Test
  void thousandExplanations_leaveMemoryFlat() throws IOException {
    assumeTrue(Files.exists(STATUS), "only Linux says what a process has in memory");
    Tensor x = Npy.read(FOLDER.resolve("x.npy")).rows(0, 1);
    try (Model model = Model.load(FOLDER.resolve("model.keras"));
        Explainer explainer = Explainer.of(model, GradCam.create(), Gradients.create())) {
      explain(explainer, x, 200);
      heap();
      explain(explainer, x, 200);
      long heapBefore = heap();
      long before = resident();
      explain(explainer, x, 1000);
      long heapAfter = heap();
      long after = resident();
      String measured =
          "heap %d to %d, process %d to %d bytes".formatted(heapBefore, heapAfter, before, after);
      System.out.println("1,000 explanations: " + measured);
      assertTrue(heapAfter - heapBefore < 4_000_000, measured);
      assertTrue(after - before < 30_000_000, measured);
    }
  }

  @Test
  void explainersOpenedAndClosed_leaveMemoryFlat() throws IOException {
    assumeTrue(Files.exists(STATUS), "only Linux says what a process has in memory");
    Tensor x = Npy.read(FOLDER.resolve("x.npy")).rows(0, 1);
    try (Model model = Model.load(FOLDER.resolve("model.keras"))) {
      openAndClose(model, x, 100);
      long before = lowest(model, x);
      long after = lowest(model, x);
      String measured = "process %d to %d bytes".formatted(before, after);
      System.out.println("90 explainers: " + measured);
      assertTrue(after - before < 30_000_000, measured);
    }
  }

  /** The least of three rounds: Java's heap and the engine's arenas come and go. */
  private static long lowest(Model model, Tensor x) throws IOException {
    long lowest = Long.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      openAndClose(model, x, 30);
      heap();
      lowest = Math.min(lowest, resident());
    }
    return lowest;
  }

  private static void openAndClose(Model model, Tensor x, int times) {
    for (int i = 0; i < times; i++) {
      Explain.gradcam(model, x, Units.top(2));
    }
  }
}
