package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.StoredType;
import dev.keralens.keras.storage.WeightArray;
import dev.keralens.keras.weights.LayerPath;
import dev.keralens.keras.weights.WeightStore;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Element types, storage layouts and harmful files of parity/files/make_odd_files.py. */
class OddFilesTest {
  @TempDir static Path folder;

  @BeforeAll
  static void unpack() throws IOException {
    Golden.unpack(Golden.resource("odd.zip"), folder);
  }

  @ParameterizedTest
  @CsvSource({
    "plain.keras, float32",
    "plain.h5, float32",
    "deflated.keras, float32",
    "float16.keras, float16",
    "float16.h5, float16",
    "float64.keras, float64",
    "float64.h5, float64",
    "bfloat16.keras, bfloat16",
    "mixed_bfloat16.keras, float32",
    "mixed_bfloat16.h5, float32",
    "big_endian.h5, float32",
    "big_endian_double.h5, float64",
    "chunks.h5, float32",
    "packed.h5, float32",
    "latest.h5, float32",
    "latest_packed.h5, float32",
    "ordered.h5, float32",
    "user_block.h5, float32",
    "cut_attributes.h5, float32"
  })
  void read_anyTypeAndStorage(String name, String type) throws IOException {
    WeightStore weights = open(name);
    String[][] slots = {{"a", "kernel"}, {"a", "bias"}, {"b", "kernel"}, {"b", "bias"}};
    int[][] shapes = {{13, 7}, {7}, {7, 3}, {3}};
    for (int k = 1; k <= slots.length; k++) {
      WeightArray array = weights.of(LayerPath.of(slots[k - 1][0])).get(slots[k - 1][1]);
      assertEquals(type, array.storedType());
      assertEquals(ElementType.FLOAT32, array.type());
      Tensor tensor = array.read();
      assertArrayEquals(shapes[k - 1], tensor.shape());
      ByteBuffer into = ByteBuffer.allocate(tensor.bytes().remaining());
      Constant.deferred(array.type(), array.shape(), array).readInto(into);
      assertEquals(tensor.bytes(), into.flip());
      float[] values = tensor.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        float step = name.contains("bfloat16") ? 0 : (i % 8) / 8f;
        assertEquals(k + step, values[i], name + ": " + array + " at " + i);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"plain.keras", "plain.h5", "user_block.h5"})
  void read_plainArraysAreNotMapped(String name) throws IOException {
    WeightStore weights = open(name);
    ByteBuffer bytes = weights.of(LayerPath.of("a")).get("kernel").read().bytes();
    assertFalse(
        bytes instanceof MappedByteBuffer, "a file that is cut short would end the process");
  }

  /** As Keras turns the kernels of a model that was trained on Theano. */
  @Test
  void read_kernelTurnedAround() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 12; i++) {
      data.putFloat(4 * i, i);
    }
    StoredType type = new StoredType(StoredType.Kind.FLOAT, 4, ByteOrder.LITTLE_ENDIAN);
    WeightArray kernel = new WeightArray("kernel", new int[] {2, 3, 1, 2}, type, () -> data);
    WeightArray turned = kernel.turnedAround();
    assertArrayEquals(
        new float[] {10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1}, turned.read().toFloatArray());
    assertFalse(turned.readInto(ByteBuffer.allocate(48)));
    assertFalse(turned.visitRows(1, (first, rows) -> fail("of a file that is not read")));
  }

  @Test
  void read_halfPrecision() {
    assertEquals(1f, StoredType.half((short) 0x3c00));
    assertEquals(-2f, StoredType.half((short) 0xc000));
    assertEquals(65504f, StoredType.half((short) 0x7bff));
    assertEquals(0x1p-24f, StoredType.half((short) 0x0001));
    assertEquals(-0x1.ff8p-15f, StoredType.half((short) 0x83ff));
    assertEquals(-0f, StoredType.half((short) 0x8000));
    assertEquals(Float.NEGATIVE_INFINITY, StoredType.half((short) 0xfc00));
    assertTrue(Float.isNaN(StoredType.half((short) 0x7e00)));
  }

  @Test
  void read_foreignCompression() throws IOException {
    WeightArray array = open("lzf.h5").of(LayerPath.of("a")).get("kernel");
    String message = Golden.message(UnsupportedModelException.class, array::read);
    assertTrue(message.contains("h5repack"), message);
  }

  @ParameterizedTest
  @CsvSource({"bad_soft_link.keras", "bad_external_link.keras"})
  void read_linksAreNotFollowed(String name) throws IOException {
    WeightStore weights = open(name);
    assertThrows(UnsupportedModelException.class, () -> weights.of(LayerPath.of("a")));
    assertEquals(2, weights.of(LayerPath.of("b")).all().size());
  }

  @Test
  void read_groupsInCircle() throws IOException {
    WeightStore weights = open("bad_circle.keras");
    assertThrows(InvalidModelException.class, () -> weights.of(LayerPath.of("a")));
  }

  @Test
  void read_hugeShape() throws IOException {
    WeightStore weights = open("bad_huge.keras");
    String message =
        Golden.message(InvalidModelException.class, () -> weights.of(LayerPath.of("a")));
    assertTrue(message.contains("claims the shape [1048576, 1048576]"), message);
  }

  private static WeightStore open(String name) throws IOException {
    return KerasFile.open(folder.resolve(name)).weights(new GoldenLayout());
  }
}
