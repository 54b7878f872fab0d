package dev.keralens;

import dev.keralens.runtime.engine.Interrupts;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Reads ahead on threads of its own, in order: while the network explains one batch, the next ones
 * are decoded. It never holds more than the elements that are read ahead.
 *
 * <p>Not safe for use by several threads. Its threads end when it is closed.
 *
 * @param <T> what is read, such as a batch of images
 */
public final class Prefetch<T> implements Iterator<T>, AutoCloseable {
  /** How many elements are read ahead of the one that is used. */
  public static final int AHEAD = 2;

  private final Iterator<? extends Reader<? extends T>> sources;
  private final ExecutorService threads;
  private final Deque<Future<T>> open = new ArrayDeque<>();
  private final int ahead;

  /**
   * Reads one element. Called on a thread of the prefetch.
   *
   * @param <T> what is read
   */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * {@return the element}
     *
     * @throws IOException if it cannot be read
     */
    T read() throws IOException;
  }

  private Prefetch(
      Iterator<? extends Reader<? extends T>> sources, ExecutorService threads, int ahead) {
    this.sources = sources;
    this.threads = threads;
    this.ahead = ahead;
  }

  /**
   * {@return elements read {@value #AHEAD} ahead}
   *
   * @param <T> what is read
   * @param sources read each one; the iterator itself is used on the caller's thread
   */
  public static <T> Prefetch<T> of(Iterator<? extends Reader<? extends T>> sources) {
    return of(sources, AHEAD);
  }

  /**
   * {@return elements read ahead, on as many threads}
   *
   * @param <T> what is read
   * @param sources read each one; the iterator itself is used on the caller's thread
   * @param ahead how many elements are read ahead of the one that is used, at least 1
   */
  public static <T> Prefetch<T> of(Iterator<? extends Reader<? extends T>> sources, int ahead) {
    if (ahead < 1) {
      throw new IllegalArgumentException("At least one element is read ahead, got " + ahead + ".");
    }
    ExecutorService threads =
        Executors.newFixedThreadPool(
            ahead,
            task -> {
              Thread thread = new Thread(task, "keralens-prefetch");
              thread.setDaemon(true);
              return thread;
            });
    return new Prefetch<>(sources, threads, ahead);
  }

  /**
   * {@return batches of a model's one input, read image by image}
   *
   * @param images read one image each, without the axis of the batch
   * @param batchSize how many images a batch has, at least 1
   */
  public static Prefetch<List<Tensor>> images(
      List<? extends Reader<Tensor>> images, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("The batch size must be at least 1, got " + batchSize);
    }
    int batches = (images.size() + batchSize - 1) / batchSize;
    return of(
        IntStream.range(0, batches)
            .mapToObj(
                i ->
                    (Reader<List<Tensor>>)
                        () ->
                            batch(
                                images.subList(
                                    i * batchSize, Math.min(images.size(), (i + 1) * batchSize))))
            .iterator());
  }

  private static List<Tensor> batch(List<? extends Reader<Tensor>> images) throws IOException {
    List<Tensor> rows = new ArrayList<>();
    for (Reader<Tensor> image : images) {
      Tensor read = image.read();
      int[] sizes = IntStream.concat(IntStream.of(1), Arrays.stream(read.shape())).toArray();
      rows.add(read.reshape(sizes));
    }
    return List.of(Tensor.concat(rows));
  }

  @Override
  public boolean hasNext() {
    return !open.isEmpty() || sources.hasNext();
  }

  /**
   * {@return the next element}
   *
   * @throws UncheckedIOException if it could not be read
   * @throws CancellationException if the thread is interrupted while it waits; it stays so
   */
  @Override
  public T next() {
    submit();
    Future<T> first = open.pollFirst();
    if (first == null) {
      throw new NoSuchElementException("Everything has been read.");
    }
    try {
      T element = first.get();
      submit();
      return element;
    } catch (InterruptedException e) {
      throw Interrupts.cancelled(e);
    } catch (ExecutionException e) {
      throw failure(Objects.requireNonNull(e.getCause()));
    }
  }

  private void submit() {
    while (open.size() < ahead && sources.hasNext()) {
      Reader<? extends T> source = sources.next();
      open.addLast(threads.submit(() -> (T) source.read()));
    }
  }

  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof IOException io) {
      return new UncheckedIOException(io);
    } else if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  /** Ends the threads; what is being read is interrupted. */
  @Override
  public void close() {
    threads.shutdownNow();
    open.clear();
  }
}
