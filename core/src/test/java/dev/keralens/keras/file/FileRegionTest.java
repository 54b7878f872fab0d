package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRegionTest {
  @TempDir Path folder;

  @Test
  void bytes_partOfPart() throws IOException {
    Path path = Files.write(folder.resolve("ten"), new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    for (long limit : new long[] {100, 5}) {
      FileRegion region = FileRegion.of(path, limit);
      assertEquals(limit == 100, region.isWhole());
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
  void open_hdf5MappedPartByPart() throws IOException {
    Path path = Golden.resource("nested.h5");
    FileRegion parts = FileRegion.of(path, 1000);
    assertFalse(parts.isWhole());
    WeightArray array =
        Hdf5Group.open(parts).array("model_weights/dense/dense/kernel:0").orElseThrow();
    WeightArray whole =
        Hdf5Group.open(FileRegion.of(path))
            .array("model_weights/dense/dense/kernel:0")
            .orElseThrow();
    assertArrayEquals(whole.read().toFloatArray(), array.read().toFloatArray());
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
    assertFalse(region.isWhole());
    assertEquals(0x04030201, region.bytes(size - 4, 4).getInt());
    assertThrows(InvalidModelException.class, () -> region.bytes(0, size));
  }
}
