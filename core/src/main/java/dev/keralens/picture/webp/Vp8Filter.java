package dev.keralens.picture.webp;

/**
 * The loop filters of VP8, RFC 6386, section 15: they smooth the edges of macroblocks and, with
 * less strength, of the blocks within.
 *
 * @param limit the largest step across an edge of blocks that is smoothed; 0 for none
 * @param inner the largest step beside an edge
 * @param threshold the step beside an edge from which it is taken for one of the picture
 * @param simple whether the simple filter is used, which leaves chroma as it is
 */
record Vp8Filter(int limit, int inner, int threshold, boolean simple) {
  static Vp8Filter of(int strength, int sharpness, boolean simple) {
    int level = Math.max(0, Math.min(63, strength));
    int inner = sharpness > 4 ? level >> 2 : sharpness > 0 ? level >> 1 : level;
    if (sharpness > 0) {
      inner = Math.min(inner, 9 - sharpness);
    }
    inner = Math.max(1, inner);
    int threshold = level >= 40 ? 2 : level >= 15 ? 1 : 0;
    return new Vp8Filter(level == 0 ? 0 : 2 * level + inner, inner, threshold, simple);
  }

  /**
   * Filters the edges of one macroblock.
   *
   * @param within whether those of the blocks within are filtered too
   */
  void apply(Vp8Plane[] planes, int column, int row, boolean within) {
    if (limit == 0) {
      return;
    }
    for (int p = 0; p < (simple ? 1 : 3); p++) {
      Vp8Plane plane = planes[p];
      int size = p == 0 ? 16 : 8;
      int at = row * size * plane.stride() + column * size;
      if (column > 0) {
        edge(plane.samples(), at, 1, plane.stride(), size, true);
      }
      for (int x = 4; within && x < size; x += 4) {
        edge(plane.samples(), at + x, 1, plane.stride(), size, false);
      }
      if (row > 0) {
        edge(plane.samples(), at, plane.stride(), 1, size, true);
      }
      for (int y = 4; within && y < size; y += 4) {
        edge(plane.samples(), at + y * plane.stride(), plane.stride(), 1, size, false);
      }
    }
  }

  /**
   * One edge.
   *
   * @param across the step to the next sample across the edge
   * @param along the step along the edge
   */
  private void edge(byte[] s, int start, int across, int along, int length, boolean outer) {
    int largest = 2 * (outer ? limit + 4 : limit) + 1;
    for (int i = 0, at = start; i < length; i++, at += along) {
      int p1 = s[at - 2 * across] & 0xFF;
      int p0 = s[at - across] & 0xFF;
      int q0 = s[at] & 0xFF;
      int q1 = s[at + across] & 0xFF;
      if (4 * Math.abs(p0 - q0) + Math.abs(p1 - q1) > largest) {
        continue;
      }
      if (simple) {
        two(s, at, across, p1, p0, q0, q1);
      } else if (isFlat(s, at, across, p1, p0, q0, q1)) {
        if (Math.abs(p1 - p0) > threshold || Math.abs(q1 - q0) > threshold) {
          two(s, at, across, p1, p0, q0, q1);
        } else if (outer) {
          six(s, at, across, p1, p0, q0, q1);
        } else {
          four(s, at, across, p1, p0, q0, q1);
        }
      }
    }
  }

  private boolean isFlat(byte[] s, int at, int across, int p1, int p0, int q0, int q1) {
    int p3 = s[at - 4 * across] & 0xFF;
    int p2 = s[at - 3 * across] & 0xFF;
    int q2 = s[at + 2 * across] & 0xFF;
    int q3 = s[at + 3 * across] & 0xFF;
    return Math.abs(p3 - p2) <= inner
        && Math.abs(p2 - p1) <= inner
        && Math.abs(p1 - p0) <= inner
        && Math.abs(q3 - q2) <= inner
        && Math.abs(q2 - q1) <= inner
        && Math.abs(q1 - q0) <= inner;
  }

  private static void two(byte[] s, int at, int across, int p1, int p0, int q0, int q1) {
    int a = 3 * (q0 - p0) + clip(p1 - q1, 127);
    s[at - across] = Vp8Plane.clip(p0 + clip((a + 3) >> 3, 15));
    s[at] = Vp8Plane.clip(q0 - clip((a + 4) >> 3, 15));
  }

  private static void four(byte[] s, int at, int across, int p1, int p0, int q0, int q1) {
    int a = 3 * (q0 - p0);
    int first = clip((a + 4) >> 3, 15);
    int outside = (first + 1) >> 1;
    s[at - 2 * across] = Vp8Plane.clip(p1 + outside);
    s[at - across] = Vp8Plane.clip(p0 + clip((a + 3) >> 3, 15));
    s[at] = Vp8Plane.clip(q0 - first);
    s[at + across] = Vp8Plane.clip(q1 - outside);
  }

  private static void six(byte[] s, int at, int across, int p1, int p0, int q0, int q1) {
    int p2 = s[at - 3 * across] & 0xFF;
    int q2 = s[at + 2 * across] & 0xFF;
    int a = clip(3 * (q0 - p0) + clip(p1 - q1, 127), 127);
    int near = (27 * a + 63) >> 7;
    int middle = (18 * a + 63) >> 7;
    int far = (9 * a + 63) >> 7;
    s[at - 3 * across] = Vp8Plane.clip(p2 + far);
    s[at - 2 * across] = Vp8Plane.clip(p1 + middle);
    s[at - across] = Vp8Plane.clip(p0 + near);
    s[at] = Vp8Plane.clip(q0 - near);
    s[at + across] = Vp8Plane.clip(q1 - middle);
    s[at + 2 * across] = Vp8Plane.clip(q2 - far);
  }

  /** To -largest - 1 to largest. */
  private static int clip(int value, int largest) {
    return Math.max(-largest - 1, Math.min(largest, value));
  }
}
