package dev.keralens.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir private Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void write_replacesAnOldFileOnceItIsWhole() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    WholeFile.write(
        file,
        part -> {
          Files.writeString(part, "new");
          assertEquals("old", Files.readString(file));
          assertEquals(2, names().size());
        });
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void write_longestNameOfAFile() throws IOException {
    String longest = "a".repeat(250) + ".txt";
    WholeFile.write(folder.resolve(longest), part -> Files.writeString(part, "new"));
    assertEquals(List.of(longest), names());
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void pipe_isWrittenToAndStays() throws Exception {
    Path pipe = folder.resolve("pipe.npy");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    CompletableFuture<byte[]> read =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return Files.readAllBytes(pipe);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    WholeFile.write(pipe, part -> Files.writeString(part, "whole"));
    assertEquals("whole", new String(read.get(), StandardCharsets.UTF_8));
    assertTrue(WholeFile.isStream(pipe));
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void link_stays_andItsFileIsReplaced() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
    WholeFile.write(link, part -> Files.writeString(part, "new"));
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
    assertFalse(WholeFile.isStream(link));
  }

  @Test
  void failure_leavesTheOldFileAndNothingBesideIt() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "old");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                WholeFile.write(
                    file,
                    part -> {
                      Files.writeString(part, "half");
                      throw new IOException("no space");
                    }));
    assertEquals("Cannot write %s: no space.".formatted(file), e.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void interruptOfTheProgram_leavesTheOldFileAndNothingBesideIt() throws Exception {
    Files.writeString(folder.resolve("a.txt"), "old");
    Process program = start("wait");
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("half", out.readLine());
      assertEquals(2, names().size());
      program.destroy(); // A signal, which Java takes as it takes Ctrl-C.
      assertTrue(program.waitFor(1, TimeUnit.MINUTES));
    } finally {
      program.destroyForcibly();
    }
    assertEquals("old", Files.readString(folder.resolve("a.txt")));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void exitOfTheProgram_leavesTheOldFileAndNothingBesideIt() throws Exception {
    Files.writeString(folder.resolve("a.txt"), "old");
    Process program = start("exit");
    assertTrue(program.waitFor(1, TimeUnit.MINUTES));
    assertEquals(3, program.exitValue());
    assertEquals("old", Files.readString(folder.resolve("a.txt")));
    assertEquals(List.of("a.txt"), names());
  }

  private Process start(String what) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName(),
            folder.resolve("a.txt").toString(),
            what)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Writes half a file on another thread, and says so; then it waits or exits. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      Thread writing =
          new Thread(
              () -> {
                try {
                  WholeFile.write(Path.of(arguments[0]), part -> half(part, arguments[1]));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      writing.setDaemon(true);
      writing.start();
      writing.join();
    }

    private static void half(Path part, String what) throws IOException {
      Files.writeString(part, "half");
      System.out.println("half");
      if (what.equals("exit")) {
        System.exit(3);
      }
      try {
        Thread.sleep(TimeUnit.MINUTES.toMillis(5));
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }
}
