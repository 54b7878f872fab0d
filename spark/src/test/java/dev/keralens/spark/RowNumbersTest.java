package dev.keralens.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.keralens.tensor.ElementType;
import org.junit.jupiter.api.Test;
import scala.collection.mutable.ArrayBuffer;

class RowNumbersTest {
  @Test
  void of_keepsIdsThatAFloatWouldRound() {
    ArrayBuffer<Long> ids = new ArrayBuffer<>();
    ids.$plus$eq(16_777_217L);
    ids.$plus$eq((1L << 53) - 1);
    assertArrayEquals(
        new long[] {16_777_217, (1L << 53) - 1},
        RowNumbers.of(ids).to(ElementType.INT64).toLongArray());
  }
}
