package dev.keralens;

import dev.keralens.runtime.engine.Interrupts;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values by key, each made once, when it is first wanted, and used by any number of threads at
 * once. Who wants a value that another thread makes waits for it; nobody waits for a value of
 * another key.
 *
 * <p>Above a number of values, those that were not used for longest are let go, but never one that
 * is in use. So there may be more of them for a while.
 *
 * @param <K> the key
 * @param <V> the value
 */
final class SharedCache<K, V> implements AutoCloseable {
  private final int limit;
  private final String closedMessage;
  private final Function<? super K, ? extends V> maker;
  private final Consumer<? super V> closer;

  /* What follows is guarded by this. */
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private int users;
  private boolean closed;

  private static final class Entry<V> {
    final ReentrantLock making = new ReentrantLock();
    volatile @Nullable V value;
    int users;
  }

  /**
   * A cache.
   *
   * @param limit how many values are kept
   * @param closedMessage what to say to those who come after it was closed
   * @param maker makes the value of a key; if it fails, the next one who wants it tries again
   * @param closer frees a value
   */
  SharedCache(
      int limit,
      String closedMessage,
      Function<? super K, ? extends V> maker,
      Consumer<? super V> closer) {
    this.limit = limit;
    this.closedMessage = closedMessage;
    this.maker = maker;
    this.closer = closer;
  }

  /**
   * {@return what some work gives that uses a value} The value is not freed before the work ends.
   *
   * @throws IllegalStateException if the cache is closed
   * @throws CancellationException if the thread is interrupted while it waits for another thread
   *     that makes the value; it stays so
   */
  <R> R use(K key, Function<? super V, ? extends R> work) {
    Entry<V> entry = take(key);
    try {
      return work.apply(value(key, entry));
    } finally {
      giveBack(key, entry);
    }
  }

  private Entry<V> take(K key) {
    List<Entry<V>> idle;
    Entry<V> entry;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(closedMessage);
      }
      entry = entries.computeIfAbsent(key, unused -> new Entry<>());
      entry.users++;
      users++;
      idle = removeIdle();
    }
    try {
      close(idle);
    } catch (RuntimeException e) {
      giveBack(key, entry);
      throw e;
    }
    return entry;
  }

  private V value(K key, Entry<V> entry) {
    V known = entry.value;
    if (known != null) {
      return known;
    }
    if (!entry.making.tryLock()) {
      await(entry.making);
    }
    try {
      known = entry.value;
      if (known == null) {
        known = maker.apply(key);
        entry.value = known;
      }
      return known;
    } finally {
      entry.making.unlock();
    }
  }

  private static void await(ReentrantLock making) {
    try {
      making.lockInterruptibly();
    } catch (InterruptedException e) {
      throw Interrupts.cancelled(e);
    }
  }

  private void giveBack(K key, Entry<V> entry) {
    List<Entry<V>> idle;
    synchronized (this) {
      entry.users--;
      users--;
      if (entry.users == 0 && entry.value == null) {
        entries.remove(key);
      }
      idle = removeIdle();
      if (users == 0) {
        notifyAll();
      }
    }
    close(idle);
  }

  /** Takes out what is too much, beginning with what was not used for longest. */
  private List<Entry<V>> removeIdle() {
    if (entries.size() <= limit) {
      return List.of();
    }
    List<Entry<V>> idle = new ArrayList<>();
    Iterator<Entry<V>> all = entries.values().iterator();
    while (entries.size() > limit && all.hasNext()) {
      Entry<V> entry = all.next();
      if (entry.users == 0) {
        all.remove();
        idle.add(entry);
      }
    }
    return idle;
  }

  private void close(List<Entry<V>> idle) {
    for (Entry<V> entry : idle) {
      V value = entry.value;
      if (value != null) {
        closer.accept(value);
      }
    }
  }

  /** {@return how many values there are} */
  synchronized int size() {
    return entries.size();
  }

  /** Frees all values, after the work that is under way. Closing twice does nothing. */
  @Override
  public void close() {
    List<Entry<V>> all;
    boolean interrupted = false;
    synchronized (this) {
      closed = true;
      while (users > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      all = List.copyOf(entries.values());
      entries.clear();
    }
    close(all);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
