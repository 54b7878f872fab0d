package dev.keralens.app;

import dev.keralens.explain.Method;
import dev.keralens.explain.PassListener;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Says what methods cost that run the network many times, once that can be told. */
final class CostNotes implements PassListener {
  /** What takes less is not worth a line. */
  private static final Duration LONG = Duration.ofSeconds(20);

  /** After so long, what is left can be told. */
  private static final Duration ENOUGH = Duration.ofMillis(1500);

  /** The questions of one method until now. */
  private static final class Clock {
    private final long began = System.nanoTime();
    private long asked = -1; // the first answer starts the clock
    private boolean said;
  }

  private final PrintWriter err;
  private final int images;
  private final int batchSize;
  private final Map<String, Clock> clocks = new LinkedHashMap<>();

  /**
   * Hears of the passes over images.
   *
   * @param images how many there are
   * @param batchSize how many are explained at a time
   */
  CostNotes(PrintWriter err, int images, int batchSize) {
    this.err = err;
    this.images = images;
    this.batchSize = batchSize;
  }

  @Override
  public synchronized void passed(Method method, int done, int total) {
    Clock clock = clocks.computeIfAbsent(method.name(), key -> new Clock());
    clock.asked++;
    long elapsed = System.nanoTime() - clock.began;
    if (clock.said || clock.asked == 0 || elapsed < ENOUGH.toNanos()) {
      return;
    }
    clock.said = true;
    int batches = (images + batchSize - 1) / batchSize;
    double all = (double) elapsed / clock.asked * total * batches;
    if (all >= LONG.toNanos()) {
      int passes = method.info().passes();
      err.printf(
          "keralens: %s: %sabout %s%n",
          method.name(),
          passes > 1
              ? String.format(
                  Locale.ROOT, "%,d passes%s, ", passes, images > 1 ? " for each image" : "")
              : "",
          duration(Duration.ofNanos((long) all)));
      err.flush();
    }
  }

  /** A duration as people say it. */
  static String duration(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 90) {
      return Math.round(seconds / 10.0) * 10 + " s";
    } else if (seconds < 90 * 60) {
      return Math.round(seconds / 60.0) + " min";
    }
    return String.format(Locale.ROOT, "%.1f h", seconds / 3600.0);
  }
}
