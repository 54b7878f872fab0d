package dev.keralens.app;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows on a terminal how far long work has come: share, images a second, remaining time. Elsewhere
 * nothing.
 */
final class ProgressBar implements AutoCloseable {
  private static final int CELLS = 30;

  /** What stands behind the bar. */
  private static final int NUMBERS = 45;

  private static final long NANOS = 1_000_000_000L;

  private final PrintWriter err;
  private final boolean visible;
  private final long total;
  private final long start = System.nanoTime();
  private int drawn;

  /** Makes a bar for a number of images; the first moment shows that work has begun. */
  ProgressBar(PrintWriter err, boolean wanted, long total) {
    this.err = err;
    this.total = total;
    visible = wanted && Terminal.isError();
    draw(0, 0);
  }

  /** Draws the bar anew. */
  void update(long done) {
    draw(done, System.nanoTime() - start);
  }

  private void draw(long done, long nanos) {
    if (!visible) {
      return;
    }
    int room = Terminal.told().orElseGet(Terminal::asked) - NUMBERS;
    String line = line(done, total, nanos, Math.max(1, Math.min(CELLS, room)));
    err.print('\r' + line + " ".repeat(Math.max(0, drawn - line.length())));
    err.flush();
    drawn = line.length();
  }

  /** The bar's line. */
  static String line(long done, long total, long nanos, int cells) {
    int full = total == 0 ? cells : (int) (cells * done / total);
    String bar = "[" + "#".repeat(full) + "-".repeat(cells - full) + "]";
    String count = "%s %d/%d".formatted(bar, done, total);
    if (done == 0 || nanos <= 0) {
      return count;
    }
    double rate = done * (double) NANOS / nanos;
    long left = Math.round((total - done) / rate);
    return count
        + String.format(Locale.ROOT, rate < 10 ? "  %.1f images/s" : "  %.0f images/s", rate)
        + (done < total ? "  " + time(left) + " left" : "");
  }

  private static String time(long seconds) {
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /** Clears the line. */
  @Override
  public void close() {
    if (visible) {
      err.print('\r' + " ".repeat(drawn) + '\r');
      err.flush();
    }
  }
}
