package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.file.QuietJava;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.tensor.ElementType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime's library where it cannot be loaded, in processes of their own. */
class NativeLibraryTest {
  @TempDir private Path folder;

  /** Compiles a graph twice, in another process; what that throws, a line each. */
  private List<String> failures(List<String> before, String... options) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:-UsePerfData"));
    command.addAll(QuietJava.options());
    command.addAll(List.of(options));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), NativeLibraryTest.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), lines::toString);
    // Newer Java says itself that the folder is not there.
    return lines.stream().filter(line -> !line.startsWith("WARNING: java.io.tmpdir")).toList();
  }

  /** Prints the exceptions. */
  public static void main(String[] arguments) {
    CompiledGraph.preload();
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2));
    Graph graph = g.build(List.of(g.add(x, x)));
    for (int i = 0; i < 2; i++) {
      try (CompiledGraph compiled = CompiledGraph.compile(graph)) {
        compiled.prepare(1);
        System.out.println("compiled");
      } catch (GraphExecutionException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static void assertSaid(List<String> failures, String... texts) {
    assertEquals(2, failures.size(), failures::toString);
    assertEquals(failures.get(0), failures.get(1));
    String begin = "ONNX Runtime's native library cannot be loaded: ";
    assertTrue(failures.get(0).startsWith(begin), failures::toString);
    for (String text : texts) {
      assertTrue(failures.get(0).contains(text), () -> text + " in " + failures);
    }
  }

  @Test
  void load_intoAMissingFolder() throws Exception {
    Path missing = folder.resolve("missing");
    assertSaid(
        failures(List.of(), "-Djava.io.tmpdir=" + missing),
        "NoSuchFileException " + missing,
        "temporary folder " + missing + ",",
        "-Djava.io.tmpdir=FOLDER");
  }

  /** As on a full disk, writing fails in the midst. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void load_intoAFolderWithoutSpace() throws Exception {
    List<String> limited = List.of("sh", "-c", "ulimit -f 1000; exec \"$@\"", "sh");
    assertSaid(
        failures(limited, "-Djava.io.tmpdir=" + folder),
        "File too large",
        "needs 30 MB",
        "TMPDIR=");
  }

  @Test
  void load_fromAFolderWithoutIt() throws Exception {
    assertSaid(
        failures(List.of(), "-Donnxruntime.native.path=" + folder),
        "not found",
        "It is read from " + folder,
        "-Donnxruntime.native.path");
  }

  @ParameterizedTest
  @CsvSource({"Mac OS X,x86_64", "Windows 11,aarch64", "Linux,riscv64", "Linux,x86", "AIX,ppc64"})
  void load_whereThereIsNone(String system, String processor) throws Exception {
    assertSaid(
        failures(List.of(), "-Dos.name=" + system, "-Dos.arch=" + processor),
        "its artifact has none for " + system + " on " + processor + ".",
        "Linux on x64 and aarch64",
        "run there, or in a container");
  }

  @ParameterizedTest
  @CsvSource({"Linux,amd64", "Linux,aarch64", "Windows Server 2022,amd64", "Mac OS X,aarch64"})
  void has_whatTheArtifactHas(String system, String processor) {
    assertTrue(NativeLibrary.has(system, processor));
  }

  @Test
  void load_usual() throws Exception {
    assertEquals(
        List.of("compiled", "compiled"), failures(List.of(), "-Djava.io.tmpdir=" + folder));
  }
}
