package dev.keralens.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir private Path folder;

  private Path file(String header, ByteBuffer elements) throws IOException {
    byte[] text = (header + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out = ByteBuffer.allocate(10 + text.length + elements.remaining());
    out.order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.putShort((short) text.length).put(text).put(elements);
    Path path = folder.resolve("array.npy");
    Files.write(path, out.array());
    return path;
  }

  @Test
  void write_readsBackAsItWas() throws IOException {
    Path path = folder.resolve("x.npy");
    Tensor tensor = Tensor.of(new float[] {1, -2, 3.5f, 0, 1e30f, -0f}, 1, 2, 3);
    Npy.write(path, tensor);
    Tensor read = Npy.read(path);
    assertArrayEquals(new int[] {1, 2, 3}, read.shape());
    assertArrayEquals(tensor.toFloatArray(), read.toFloatArray());
    assertEquals(0, Files.size(path) % 8);
    try (var files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void write_alignsTheElementsTo64Bytes() throws IOException {
    Path path = folder.resolve("y.npy");
    Npy.write(path, Tensor.of(new long[] {5, 6}, 2));
    assertEquals(16, Files.size(path) % 64);
    assertArrayEquals(new long[] {5, 6}, Npy.read(path).toLongArray());
  }

  @Test
  void read_bigEndianFortranOrder_isBroughtToRowMajorOrder() throws IOException {
    ByteBuffer elements = ByteBuffer.allocate(24).order(ByteOrder.BIG_ENDIAN);
    for (float element : new float[] {1, 4, 2, 5, 3, 6}) {
      elements.putFloat(element);
    }
    Path path = file("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 3), }", elements.flip());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, Npy.read(path).toFloatArray());
  }

  @Test
  void read_halfPrecision_becomesFloat() throws IOException {
    ByteBuffer elements = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits : new int[] {0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00}) {
      elements.putShort((short) bits);
    }
    Path path = file("{'descr': '<f2', 'fortran_order': False, 'shape': (5,), }", elements.flip());
    assertArrayEquals(
        new float[] {1, -2, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY},
        Npy.read(path).toFloatArray());
  }

  @Test
  void read_shapeBeyondTheFile_isRefusedBeforeMemoryIsTaken() throws IOException {
    Path path =
        file(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 1048576), }",
            ByteBuffer.allocate(16));
    IOException e = assertThrows(IOException.class, () -> Npy.read(path));
    assertTrue(String.valueOf(e.getMessage()).contains("(1048576, 1048576)"), e.getMessage());
  }

  @Test
  void read_objects_areRefused() throws IOException {
    Path path =
        file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", ByteBuffer.allocate(8));
    IOException e = assertThrows(IOException.class, () -> Npy.read(path));
    assertTrue(String.valueOf(e.getMessage()).contains("array.npy"), e.getMessage());
  }

  @Test
  void read_otherFile_isRefused() throws IOException {
    Path path = folder.resolve("text.npy");
    Files.writeString(path, "this is no array at all");
    IOException e = assertThrows(IOException.class, () -> Npy.read(path));
    assertTrue(
        String.valueOf(e.getMessage()).endsWith("is not a NumPy array (.npy)."), e.getMessage());
  }

  @Test
  void write_missingFolder_isRefused() {
    Tensor tensor = Tensor.scalar(1);
    Path path = folder.resolve("none").resolve("x.npy");
    assertThrows(IOException.class, () -> Npy.write(path, tensor));
  }
}
