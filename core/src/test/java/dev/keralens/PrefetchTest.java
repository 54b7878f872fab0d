package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefetchTest {
  @Test
  void elements_comeInOrderAndFewAreAhead() {
    AtomicInteger read = new AtomicInteger();
    try (Prefetch<Integer> numbers =
        Prefetch.of(
            IntStream.range(0, 50)
                .mapToObj(
                    i ->
                        (Prefetch.Reader<Integer>)
                            () -> {
                              read.incrementAndGet();
                              return i;
                            })
                .iterator(),
            3)) {
      for (int i = 0; i < 50; i++) {
        assertEquals(i, numbers.next());
        assertTrue(read.get() <= i + 1 + 3, () -> read.get() + " were read");
      }
      assertTrue(!numbers.hasNext());
      assertThrows(NoSuchElementException.class, numbers::next);
    }
  }

  @Test
  void elements_areReadWhileOthersAreUsed() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(1);
    List<Prefetch.Reader<Integer>> readers =
        List.of(
            () -> 1,
            () -> {
              second.countDown();
              return 2;
            });
    try (Prefetch<Integer> numbers = Prefetch.of(readers.iterator())) {
      assertEquals(1, numbers.next());
      second.await(); // The second is read although nobody asked for it.
      assertEquals(2, numbers.next());
    }
  }

  @Test
  void images_becomeBatches() {
    List<Prefetch.Reader<Tensor>> images = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      float value = i;
      images.add(() -> Tensor.of(new float[] {value, -value}, 2, 1));
    }
    try (Prefetch<List<Tensor>> batches = Prefetch.images(images, 2)) {
      assertArrayEquals(new int[] {2, 2, 1}, batches.next().get(0).shape());
      assertEquals(-3, batches.next().get(0).get(1, 1, 0));
      assertArrayEquals(new int[] {1, 2, 1}, batches.next().get(0).shape());
      assertTrue(!batches.hasNext());
    }
  }

  @Test
  void failure_comesWithItsElement() {
    List<Prefetch.Reader<Integer>> readers =
        List.of(
            () -> 1,
            () -> {
              throw new IOException("torn");
            });
    try (Prefetch<Integer> numbers = Prefetch.of(readers.iterator())) {
      assertEquals(1, numbers.next());
      UncheckedIOException e = assertThrows(UncheckedIOException.class, numbers::next);
      assertEquals("torn", Objects.requireNonNull(e.getCause()).getMessage());
    }
  }

  @Test
  void wait_ofAnInterruptedThread_isCancelled() {
    CountDownLatch never = new CountDownLatch(1);
    List<Prefetch.Reader<Integer>> readers =
        List.of(
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return 1;
            });
    try (Prefetch<Integer> numbers = Prefetch.of(readers.iterator())) {
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, numbers::next);
      assertTrue(Thread.interrupted());
    }
  }
}
