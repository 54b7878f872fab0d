package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WriteQueueTest {
  @Test
  void jobs_areDoneBesideEachOther_allBeforeTheEnd() throws IOException {
    CountDownLatch both = new CountDownLatch(2);
    AtomicInteger done = new AtomicInteger();
    try (WriteQueue queue = new WriteQueue(2)) {
      for (int i = 0; i < 2; i++) {
        queue.add(
            () -> {
              both.countDown();
              try {
                both.await(); // One alone would wait for ever.
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              done.incrementAndGet();
            });
      }
      queue.finish();
      assertEquals(2, done.get());
    }
  }

  @Test
  void jobs_thatWait_areFew() throws IOException {
    AtomicInteger done = new AtomicInteger();
    try (WriteQueue queue = new WriteQueue(1)) {
      for (int i = 0; i < 50; i++) {
        queue.add(done::incrementAndGet);
        int waiting = i + 1 - done.get();
        assertTrue(waiting <= 2, () -> waiting + " wait");
      }
      queue.finish();
      assertEquals(50, done.get());
    }
  }

  @Test
  void failure_firstInOrder_isThrown() throws IOException {
    try (WriteQueue queue = new WriteQueue(2)) {
      queue.add(() -> {});
      queue.add(
          () -> {
            throw new IOException("no space");
          });
      queue.add(
          () -> {
            throw new IllegalStateException("later");
          });
      Exception e = assertThrows(IOException.class, queue::finish);
      assertEquals("no space", e.getMessage());
    }
  }
}
