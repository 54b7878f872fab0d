package dev.keralens.applications;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** Reads a stream, and closes it when nothing comes for too long. */
final class StallGuard implements Closeable {
  private final InputStream in;
  private final long limit;
  private final Thread watch;
  private volatile long heard = System.nanoTime();
  private volatile boolean stalled;

  StallGuard(InputStream in, Duration patience) {
    this.in = in;
    this.limit = patience.toNanos();
    this.watch = new Thread(this::watch, "keralens-download");
    watch.setDaemon(true);
    watch.start();
  }

  private void watch() {
    try {
      for (long left = limit; left > 0; left = limit - (System.nanoTime() - heard)) {
        Thread.sleep(Math.max(1, left / 1_000_000));
      }
      stalled = true;
      in.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The reader hears of it, too.
      stalled = true;
    }
  }

  int read(byte[] buffer) throws IOException {
    int count;
    try {
      count = in.read(buffer);
    } catch (IOException e) {
      throw stalled ? timeout() : e;
    }
    if (stalled) {
      throw timeout();
    }
    heard = System.nanoTime();
    return count;
  }

  private static HttpTimeoutException timeout() {
    return new HttpTimeoutException("nothing came for too long");
  }

  @Override
  public void close() throws IOException {
    watch.interrupt();
    in.close();
  }
}
