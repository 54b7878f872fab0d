package dev.keralens.keras.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.keras.file.Golden;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRegionTest {
  @TempDir Path folder;

  @Test
  void bytes_partOfPart() throws IOException {
    Path path = Files.write(folder.resolve("ten"), new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    for (long limit : new long[] {100, 5}) {
      FileRegion region = FileRegion.of(path, limit);
      assertEquals(limit == 100, region.isHeld());
      FileRegion part = region.part("part", 2, 6);
      assertEquals(0x0605, part.bytes(3, 2).getShort());
      assertEquals(0, part.bytes(6, 0).remaining());
      assertTrue(part.bytes(0, 6).isReadOnly());
    }
  }

  @Test
  void bytes_outside() throws IOException {
    Path path = Files.write(folder.resolve("ten"), new byte[10]);
    FileRegion region = FileRegion.of(path);
    for (long[] part : new long[][] {{0, 11}, {-1, 2}, {5, -1}, {11, 0}, {4, Long.MAX_VALUE}}) {
      String message =
          Golden.message(InvalidModelException.class, () -> region.bytes(part[0], part[1]));
      assertTrue(message.contains("lie outside its 10 bytes"), message);
    }
  }

  @Test
  void open_hdf5ReadPartByPart() throws IOException {
    Path path = Golden.resource("nested.h5");
    FileRegion parts = FileRegion.of(path, 1000);
    assertFalse(parts.isHeld());
    WeightArray array =
        Hdf5Group.open(parts).array("model_weights/dense/dense/kernel:0").orElseThrow();
    WeightArray whole =
        Hdf5Group.open(FileRegion.of(path))
            .array("model_weights/dense/dense/kernel:0")
            .orElseThrow();
    assertArrayEquals(whole.read().toFloatArray(), array.read().toFloatArray());
    ByteBuffer into = ByteBuffer.allocate(array.read().bytes().remaining());
    assertTrue(array.readInto(into));
    assertEquals(whole.read().bytes(), into.flip());
  }

  /** A dense layer's kernel, of VGG16 411 MB, may be more than Java's memory has room for. */
  @Test
  void readInto_takesNoJavaMemoryForAnArray() throws IOException {
    Path path = folder.resolve("large.h5");
    float[][] kernel = new float[1000][1000];
    kernel[999][998] = 7;
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putDataset("kernel", kernel);
    }
    WeightArray array = Hdf5Group.open(FileRegion.of(path, 1000)).array("kernel").orElseThrow();
    ByteBuffer into = ByteBuffer.allocateDirect(4_000_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertTrue(array.readInto(into));
    long taken = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(taken < 1_000_000, () -> taken + " bytes");
    assertEquals(7f, into.order(ByteOrder.LITTLE_ENDIAN).getFloat(4 * 999_998));
    assertEquals(array.read().bytes(), into.flip());

    List<Integer> firsts = new ArrayList<>();
    ByteBuffer parts = ByteBuffer.allocate(4_000_000);
    array.visitRows(
        300,
        (first, rows) -> {
          firsts.add(first);
          parts.put(rows.bytes());
        });
    assertEquals(List.of(0, 300, 600, 900), firsts);
    assertEquals(into, parts.flip());
  }

  @Test
  void bytes_beyondTwoGibibytes() throws IOException {
    Path path = folder.resolve("sparse");
    long size = 5L << 30;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(size);
      file.seek(size - 4);
      file.writeInt(0x01020304);
    }
    FileRegion region = FileRegion.of(path);
    assertFalse(region.isHeld());
    assertEquals(0x04030201, region.bytes(size - 4, 4).getInt());
    assertThrows(InvalidModelException.class, () -> region.bytes(0, size));
  }

  private Path large() throws IOException {
    byte[] bytes = new byte[20_000_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 251);
    }
    return Files.write(folder.resolve("large"), bytes);
  }

  @Test
  void readInto_isWhatBytesAre() throws IOException {
    Path path = large();
    for (FileRegion region : List.of(FileRegion.of(path), FileRegion.of(path, 1 << 20))) {
      FileRegion part = region.part("part", 3, 19_999_000);
      for (int length : new int[] {0, 100, 1 << 16, 3_000_001, 19_998_993}) {
        ByteBuffer read = part.bytes(7, length);
        assertEquals(part.bytes(7, length), read);
        assertEquals(ByteOrder.LITTLE_ENDIAN, read.order());
        ByteBuffer into = ByteBuffer.allocateDirect(length + 9).position(4).limit(length + 4);
        part.readInto(7, into);
        assertFalse(into.hasRemaining());
        assertEquals(read, into.position(4));
      }
      assertThrows(
          InvalidModelException.class, () -> part.readInto(8, ByteBuffer.allocate(19_998_993)));
      assertThrows(InvalidModelException.class, () -> part.bytes(8, 19_998_993));
      CRC32 sum = new CRC32();
      part.addTo(sum);
      CRC32 expected = new CRC32();
      expected.update(part.bytes(0, part.size()));
      assertEquals(expected.getValue(), sum.getValue());
    }
  }

  @Test
  void read_interrupted_readsOn() throws IOException {
    FileRegion region = FileRegion.of(large());
    ByteBuffer expected = region.bytes(11, 1_000_000);
    Thread.currentThread().interrupt();
    try {
      ByteBuffer into = ByteBuffer.allocate(1_000_002).position(2);
      region.readInto(11, into);
      assertEquals(expected, into.position(2));
      assertEquals(expected, region.bytes(11, 1_000_000));
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertEquals(expected, region.bytes(11, 1_000_000));
  }

  @Test
  void read_fileThatWasCutShort() throws IOException {
    Path path = large();
    FileRegion region = FileRegion.of(path);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(1000);
    }
    assertThrows(InvalidModelException.class, () -> region.bytes(11, 1_000_000));
    assertThrows(
        InvalidModelException.class, () -> region.readInto(11, ByteBuffer.allocate(1_000_000)));
  }
}
