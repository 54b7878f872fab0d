package dev.keralens.method.numeric;

/** Finds the element that would stand at a place if an array were sorted. */
public final class Selection {
  private Selection() {}

  /**
   * The element of a rank; the array stays as it is.
   *
   * @param rank from 0 for the lowest
   */
  public static double lowest(double[] values, int rank) {
    double[] rest = values.clone();
    int from = 0;
    int to = rest.length - 1;
    while (from < to) {
      double pivot = rest[(from + to) >>> 1];
      int low = from;
      int high = to;
      while (low <= high) {
        while (rest[low] < pivot) {
          low++;
        }
        while (rest[high] > pivot) {
          high--;
        }
        if (low <= high) {
          double element = rest[low];
          rest[low++] = rest[high];
          rest[high--] = element;
        }
      }
      if (rank <= high) {
        to = high;
      } else if (rank >= low) {
        from = low;
      } else {
        return rest[rank];
      }
    }
    return rest[rank];
  }
}
