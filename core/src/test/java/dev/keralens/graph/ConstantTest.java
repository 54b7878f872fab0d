package dev.keralens.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ConstantTest {
  private static final Tensor THREE = Tensor.of(new float[] {1, 2, 3}, 3);

  private static Constant of(int size) {
    return Constant.deferred(ElementType.FLOAT32, new int[] {size}, () -> THREE);
  }

  private static String message(Executable action) {
    return String.valueOf(assertThrows(IllegalStateException.class, action).getMessage());
  }

  @Test
  void readInto_elementsInOrder() {
    ByteBuffer to = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).position(4).limit(16);
    of(3).readInto(to);
    float[] read = new float[5];
    to.rewind().limit(20).asFloatBuffer().get(read);
    assertArrayEquals(new float[] {0, 1, 2, 3, 0}, read);
  }

  @Test
  void readInto_otherNumberOfElements() {
    for (int[] sizes : new int[][] {{3, 8}, {3, 16}, {4, 16}}) {
      Constant constant = of(sizes[0]);
      ByteBuffer to = ByteBuffer.allocate(sizes[1]);
      String message = message(() -> constant.readInto(to));
      assertTrue(
          message.contains(sizes[1] == 4 * sizes[0] ? "was read as FLOAT32(3,)" : "room"), message);
    }
  }

  @Test
  void readInto_ofASourceThatEndsEarly() {
    Constant.Source early =
        new Constant.Source() {
          @Override
          public Tensor read() {
            return THREE;
          }

          @Override
          public boolean readInto(ByteBuffer to) {
            to.putInt(7);
            return true;
          }
        };
    Constant constant = Constant.deferred(ElementType.FLOAT32, new int[] {3}, early);
    String message = message(() -> constant.readInto(ByteBuffer.allocate(12)));
    assertTrue(message.contains("was read as 4 bytes"), message);
  }

  @Test
  void readInto_ofAnotherType() {
    Constant constant = Constant.deferred(ElementType.INT32, new int[] {3}, () -> THREE);
    String message = message(() -> constant.readInto(ByteBuffer.allocate(12)));
    assertTrue(message.contains("INT32 and shape (3,) was read as FLOAT32"), message);
  }

  @Test
  void visitRows_ofASourceWithoutParts() {
    List<Tensor> parts = new ArrayList<>();
    of(3).visitRows(1, (first, rows) -> parts.add(first, rows));
    assertEquals(List.of(THREE), parts);
  }

  @Test
  void tensor_ofAnotherShape() {
    String message = message(() -> of(4).tensor());
    assertTrue(message.contains("(4,)"), message);
  }
}
