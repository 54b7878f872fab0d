package dev.keralens.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ExitCode;

/** Collects why images could not be read, and reports it at the end. */
final class Unread {
  private final int images;
  private final List<String> reasons = new ArrayList<>();

  /**
   * None so far.
   *
   * @param images the number of all images
   */
  Unread(int images) {
    this.images = images;
  }

  /**
   * Takes those of a batch.
   *
   * @throws IOException if no image at all could be read
   */
  void add(Inputs.Batch batch) throws IOException {
    reasons.addAll(batch.unread());
    if (reasons.size() == images) {
      throw new IOException(
          images == 1
              ? reasons.get(0)
              : "None of the %d images could be read. The first: %s"
                  .formatted(images, reasons.get(0)));
    }
  }

  /** Prints all of them. */
  void print(PrintWriter err) {
    if (!reasons.isEmpty()) {
      err.printf("keralens: %d of %d images could not be read:%n", reasons.size(), images);
      reasons.forEach(reason -> err.println("  " + reason));
      err.flush();
    }
  }

  int exitCode() {
    return reasons.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
