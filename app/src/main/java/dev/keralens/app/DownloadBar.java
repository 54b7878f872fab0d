package dev.keralens.app;

import dev.keralens.applications.DownloadListener;
import dev.keralens.applications.PublishedFile;
import java.io.PrintWriter;
import java.util.Locale;

/** Shows how a download gets on: on a terminal as a bar, elsewhere in one line. */
final class DownloadBar implements DownloadListener {
  private static final int CELLS = 30;
  private static final double MEGABYTE = 1e6;
  private static final long REDRAW_NANOS = 100_000_000L;

  private final PrintWriter err;
  private final boolean bar;
  private String last = "";
  private long drawn;

  DownloadBar(PrintWriter err, boolean progress) {
    this.err = err;
    this.bar = progress && Terminal.isError();
  }

  @Override
  public void progress(PublishedFile file, long done, long total) {
    if (!last.equals(file.name())) {
      last = file.name();
      err.printf(
          "Downloading %s%s%n",
          file.name(), total < 0 ? "" : String.format(Locale.ROOT, " (%.1f MB)", total / MEGABYTE));
      err.flush();
    }
    long now = System.nanoTime();
    boolean complete = done == total;
    if (bar && (complete || now - drawn > REDRAW_NANOS)) {
      drawn = now;
      String line = line(done, total);
      err.print('\r' + (complete ? " ".repeat(line.length()) + '\r' : line));
      err.flush();
    }
  }

  /** The bar's line. */
  static String line(long done, long total) {
    String megabytes = String.format(Locale.ROOT, "%.1f MB", done / MEGABYTE);
    if (total <= 0) {
      return megabytes;
    }
    int full = (int) (CELLS * done / total);
    return "[%s%s] %s of %s"
        .formatted(
            "#".repeat(full),
            "-".repeat(CELLS - full),
            megabytes,
            String.format(Locale.ROOT, "%.1f MB", total / MEGABYTE));
  }
}
