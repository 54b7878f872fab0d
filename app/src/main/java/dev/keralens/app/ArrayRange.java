package dev.keralens.app;

import dev.keralens.applications.Preprocessing;
import dev.keralens.inspect.InputScaling;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The range of an array's numbers.
 *
 * @param isWhole whether all are whole numbers
 */
record ArrayRange(float low, float high, boolean isWhole) {
  static ArrayRange of(Tensor x) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    boolean whole = true;
    for (float value : x.toFloatArray()) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      whole &= value == Math.rint(value);
    }
    return new ArrayRange(low, high, whole);
  }

  /** Whole numbers of 0 to 255, of which some are above what other ranges have. */
  private boolean isBytes() {
    return isWhole && low >= 0 && high <= 255 && high > 8;
  }

  /** 0 to 1, or -1 to 1, and more than black or white. */
  private boolean isSmall() {
    return low >= -1 && high <= 1 && !isWhole;
  }

  /** Says where an array that is used as it is holds something else than the model takes. */
  void print(Path file, Pixels pixels, PrintWriter err) {
    InputScaling scaling = pixels.scaling();
    Preprocessing takes = pixels.preprocessing();
    boolean open = scaling != null && scaling.certainty() == Certainty.OPEN;
    if (!pixels.arePictures() || pixels.converter() != null) {
      return;
    }
    if (isBytes() && takes != Preprocessing.NONE && takes != Preprocessing.UINT16) {
      err.printf(
          "keralens: %s holds whole numbers of 0 to 255 and is used as it is, but %s; --preprocess"
              + " %s scales them, --preprocess none says that they are right%n",
          file,
          open && scaling != null
              ? "most models want less, and " + scaling.ground()
              : "the model takes " + (scaling == null ? takes.range() : scaling),
          open ? "unit | tf | torch | caffe" : takes.label());
    } else if (!open && takes == Preprocessing.NONE && isSmall()) {
      err.printf(
          Locale.ROOT,
          "keralens: %s holds numbers of %.3g to %.3g and is used as it is, but the model takes"
              + " %s%n",
          file,
          low,
          high,
          scaling == null ? "pixels of 0 to 255" : scaling);
    }
    err.flush();
  }

  /** Says where an array that is to be preprocessed holds no pixels of 0 to 255. */
  void printUnlessBytes(Path file, Pixels pixels, PrintWriter err) {
    if (isSmall() || low < 0 || high > 255) {
      err.printf(
          Locale.ROOT,
          "keralens: --preprocess %s takes pixels of 0 to 255, but %s holds numbers of %.3g to"
              + " %.3g%n",
          pixels.preprocessing().label(),
          file,
          low,
          high);
      err.flush();
    }
  }
}
