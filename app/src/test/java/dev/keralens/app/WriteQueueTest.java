package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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

  @Test
  void close_afterAFailure_waitsForWhatIsUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean whole = new AtomicBoolean();
    AtomicBoolean started = new AtomicBoolean();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> {
              try (WriteQueue queue = new WriteQueue(1)) {
                queue.add(
                    () -> {
                      begun.countDown();
                      sleep(200);
                      whole.set(true);
                    });
                queue.add(() -> started.set(true));
                begun.await();
                throw new IllegalStateException("the network failed");
              }
            });
    assertEquals("the network failed", e.getMessage());
    assertTrue(whole.get());
    assertFalse(started.get(), "what waited is given up");
  }

  @Test
  void close_whatTakesTooLong_isInterrupted() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    WriteQueue queue = new WriteQueue(1, Duration.ofMillis(50));
    queue.add(
        () -> {
          begun.countDown();
          sleep(600_000);
        });
    begun.await();
    IOException e = assertThrows(IOException.class, queue::close);
    assertEquals("interrupted", e.getMessage());
  }

  @Test
  void close_whatCannotBeInterrupted_isLeft() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    WriteQueue queue = new WriteQueue(1, Duration.ofMillis(50));
    queue.add(
        () -> {
          begun.countDown();
          while (end.getCount() > 0) {
            Thread.onSpinWait();
          }
        });
    begun.await();
    queue.close();
    end.countDown();
  }

  @Test
  void failure_laterOnes_areSuppressed() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    IOException e =
        assertThrows(
            IOException.class,
            () -> {
              try (WriteQueue queue = new WriteQueue(2)) {
                for (String message : List.of("first", "second")) {
                  queue.add(
                      () -> {
                        both.countDown();
                        await(both);
                        throw new IOException(message);
                      });
                }
                queue.finish();
              }
            });
    assertEquals("first", e.getMessage());
    assertEquals("second", e.getSuppressed()[0].getMessage());
  }

  @Test
  void close_interruptedThread_waitsAndStaysInterrupted() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean whole = new AtomicBoolean();
    WriteQueue queue = new WriteQueue(1);
    queue.add(
        () -> {
          begun.countDown();
          sleep(200);
          whole.set(true);
        });
    begun.await();
    Thread.currentThread().interrupt();
    try {
      queue.close();
    } finally {
      assertTrue(Thread.interrupted());
    }
    assertTrue(whole.get());
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }
}
