package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SharedCacheTest {
  /** A value that knows whether it is freed. */
  private static final class Handle {
    final int key;
    final AtomicBoolean freed = new AtomicBoolean();

    Handle(int key) {
      this.key = key;
    }

    void free() {
      assertFalse(freed.getAndSet(true), "freed twice");
    }
  }

  private static SharedCache<Integer, Handle> cache(int limit) {
    return new SharedCache<>(limit, "It is closed.", Handle::new, Handle::free);
  }

  @Test
  void use_keepsThoseThatWereUsedLast() {
    try (SharedCache<Integer, Handle> cache = cache(2)) {
      Handle one = cache.use(1, handle -> handle);
      Handle two = cache.use(2, handle -> handle);
      assertSame(one, cache.use(1, handle -> handle));
      cache.use(3, handle -> handle);
      assertTrue(two.freed.get());
      assertFalse(one.freed.get());
      assertEquals(2, cache.size());
    }
  }

  @Test
  void use_neverFreesWhatIsInUse() {
    try (SharedCache<Integer, Handle> cache = cache(1)) {
      Handle one =
          cache.use(
              1,
              handle -> {
                cache.use(2, other -> other);
                cache.use(3, other -> other);
                assertFalse(handle.freed.get());
                return handle;
              });
      assertEquals(1, cache.size());
      cache.use(4, other -> other);
      assertTrue(one.freed.get());
    }
  }

  /** What failed is tried again by the next one, and is not kept. */
  @Test
  void use_makerFails() {
    AtomicInteger tries = new AtomicInteger();
    try (SharedCache<Integer, Handle> cache =
        new SharedCache<>(
            2,
            "It is closed.",
            key -> {
              if (tries.incrementAndGet() == 1) {
                throw new CancellationException("interrupted");
              }
              return new Handle(key);
            },
            Handle::free)) {
      assertThrows(CancellationException.class, () -> cache.use(1, handle -> handle));
      assertEquals(0, cache.size());
      assertEquals(1, cache.use(1, handle -> handle).key);
    }
  }

  /** Making one value takes as long as it takes; others are used meanwhile. */
  @Test
  void use_whileAnotherIsMade() throws Exception {
    CountDownLatch making = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    ExecutorService threads = Executors.newCachedThreadPool();
    try (SharedCache<Integer, Handle> cache =
        new SharedCache<>(
            4,
            "It is closed.",
            key -> {
              if (key == 1) {
                making.countDown();
                awaitOf(go);
              }
              return new Handle(key);
            },
            Handle::free)) {
      Future<Handle> slow = threads.submit(() -> cache.use(1, handle -> handle));
      making.await();
      assertEquals(2, cache.use(2, handle -> handle).key);
      Future<Handle> second = threads.submit(() -> cache.use(1, handle -> handle));
      Thread[] waiting = new Thread[1];
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> cancelled =
          threads.submit(
              () -> {
                waiting[0] = Thread.currentThread();
                begun.countDown();
                assertThrows(CancellationException.class, () -> cache.use(1, handle -> handle));
                assertTrue(Thread.interrupted());
              });
      begun.await();
      waiting[0].interrupt();
      cancelled.get();
      go.countDown();
      assertSame(slow.get(), second.get());
    } finally {
      threads.shutdownNow();
    }
  }

  private static void awaitOf(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new CancellationException("interrupted");
    }
  }

  @Test
  void close_waitsForUsersAndRefusesLaterOnes() throws Exception {
    SharedCache<Integer, Handle> cache = cache(2);
    CountDownLatch using = new CountDownLatch(1);
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Future<Boolean> user =
          threads.submit(
              () ->
                  cache.use(
                      1,
                      handle -> {
                        using.countDown();
                        try {
                          Thread.sleep(50);
                        } catch (InterruptedException e) {
                          throw new CancellationException("interrupted");
                        }
                        return handle.freed.get();
                      }));
      using.await();
      cache.close();
      assertFalse(user.get());
      assertThrows(IllegalStateException.class, () -> cache.use(1, handle -> handle));
      cache.close();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void manyThreads_neverSeeAFreedValue() throws Exception {
    AtomicInteger held = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(16);
    SharedCache<Integer, Handle> cache =
        new SharedCache<>(
            8,
            "It is closed.",
            key -> {
              held.incrementAndGet();
              return new Handle(key);
            },
            handle -> {
              held.decrementAndGet();
              handle.free();
            });
    List<Future<?>> all = new ArrayList<>();
    for (int thread = 0; thread < 16; thread++) {
      Random random = new Random(thread);
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  int key = random.nextInt(200);
                  cache.use(
                      key,
                      handle -> {
                        assertFalse(handle.freed.get());
                        assertEquals(key, handle.key);
                        Thread.onSpinWait();
                        assertFalse(handle.freed.get());
                        return key;
                      });
                }
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }
    assertTrue(held.get() <= 8, held::toString);
    assertEquals(held.get(), cache.size());
    cache.close();
    assertEquals(0, held.get());
    threads.shutdownNow();
  }
}
