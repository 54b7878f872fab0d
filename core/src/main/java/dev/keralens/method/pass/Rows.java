package dev.keralens.method.pass;

import dev.keralens.tensor.Tensor;
import java.util.Collections;

/** Several passes as the rows of one question. */
public final class Rows {
  private static final long ROWS_TOGETHER = 16;
  private static final long BYTES_TOGETHER = 1L << 26;

  private Rows() {}

  /**
   * How many passes are rows of one run: threads then wait for one another once for all of them. A
   * graph needs memory for the inputs of all rows, but computes few of them at a time.
   */
  public static int together(Tensor images, int passes) {
    long bytes = Math.max(1, images.bytes().remaining());
    long most = Math.min(ROWS_TOGETHER / images.size(0), BYTES_TOGETHER / bytes);
    return (int) Math.max(1, Math.min(passes, most));
  }

  /** The same rows so many times, one after another. */
  public static Tensor repeated(Tensor tensor, int count) {
    return count == 1 ? tensor : Tensor.concat(Collections.nCopies(count, tensor));
  }
}
