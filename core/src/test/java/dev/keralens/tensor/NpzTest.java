package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Mutations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/npz");

  /** A byte of the first array's elements. */
  private static final int GOLDEN_ELEMENT = 180;

  @TempDir private Path folder;

  private static Npz sample() {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("maps", Tensor.of(new float[] {1, -2, 3.5f, Float.NaN, 1e30f, -0f}, 1, 2, 3));
    arrays.put("gradcam/conv", Tensor.of(new long[] {5, -6}, 2));
    return new Npz(arrays, Map.of("names", List.of("Kätzchen 🐈.jpg", "", "b")));
  }

  @Test
  void write_readsBackAsItWas() throws IOException {
    Path path = folder.resolve("x.npz");
    sample().write(path);
    Npz read = Npz.read(path);
    assertEquals(List.of("maps", "gradcam/conv"), List.copyOf(read.arrays().keySet()));
    assertArrayEquals(new int[] {1, 2, 3}, read.array("maps").shape());
    assertArrayEquals(sample().array("maps").toFloatArray(), read.array("maps").toFloatArray());
    assertArrayEquals(new long[] {5, -6}, read.array("gradcam/conv").toLongArray());
    assertEquals(sample().texts(), read.texts());
    byte[] first = Files.readAllBytes(path);
    sample().write(path);
    assertArrayEquals(first, Files.readAllBytes(path), "the same arrays, the same bytes");
  }

  /** Written by NumPy: see parity/files/make_npz.py. */
  @Test
  void read_fileOfNumPy() throws IOException {
    for (String name : List.of("stored.npz", "compressed.npz")) {
      Npz read = Npz.read(GOLDEN.resolve(name));
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, read.array("x").toFloatArray());
      assertArrayEquals(new int[] {2, 3}, read.array("x").shape());
      assertArrayEquals(new long[] {3, 1, 2}, read.array("y").toLongArray());
      assertArrayEquals(new int[0], read.array("one").shape());
      assertEquals(List.of("cat", "Kätzchen", "🐈"), read.text("names"));
      assertEquals(List.of("conv5"), read.text("layer"));
    }
  }

  private Path zip(String name, byte[] content) throws IOException {
    Path path = folder.resolve("z.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
    return path;
  }

  private static void assertRefused(Path path, String... texts) {
    IOException e = assertThrows(IOException.class, () -> Npz.read(path));
    for (String text : texts) {
      assertTrue(String.valueOf(e.getMessage()).contains(text), e::toString);
    }
  }

  @Test
  void read_otherFilesAreRefused() throws IOException {
    assertThrows(NoSuchFileException.class, () -> Npz.read(folder.resolve("none.npz")));
    assertRefused(folder, "is a folder");
    Path text = Files.writeString(folder.resolve("t.npz"), "hello", StandardCharsets.UTF_8);
    assertRefused(text, "t.npz", "no file of NumPy arrays");
    assertRefused(zip("readme.txt", new byte[3]), "'readme.txt'", "not a NumPy array");
    assertRefused(zip("a.npy", new byte[3]), "'a.npy'", "ends too early");
    assertRefused(zip("a.npy", new byte[30 << 20]), "'a.npy'", "not a NumPy array");
  }

  @Test
  void read_changedElement_isDamaged() throws IOException {
    Path path = folder.resolve("x.npz");
    sample().write(path);
    byte[] stored = Files.readAllBytes(GOLDEN.resolve("stored.npz"));
    stored[GOLDEN_ELEMENT] ^= 1;
    assertRefused(Files.write(path, stored), "'x.npy'", "is damaged");
  }

  @Test
  void twoArraysOfOneName_areRefused() {
    Map<String, Tensor> one = Map.of("x", Tensor.of(new float[1], 1));
    assertThrows(
        IllegalArgumentException.class, () -> new Npz(one, Map.of("x", List.of("a"))).texts());
  }

  @Test
  void read_changedFile() throws IOException {
    Path path = folder.resolve("x.npz");
    sample().write(path);
    Mutations.check(
        Files.readAllBytes(path),
        List.of(IOException.class),
        changed ->
            Npz.read(
                Files.write(folder.resolve(Thread.currentThread().getId() + ".npz"), changed)));
  }
}
