package dev.keralens.converter;

import java.util.Locale;

/**
 * How TensorFlow resizes, which is what KerasHub's pictures go through. Without a filter against
 * aliasing, pixels between those that are asked for do not count, however small the picture
 * becomes.
 */
record Resampling(Kernel kernel, boolean antialias) {
  /** What a pixel between others is made of. */
  enum Kernel {
    NEAREST(0),
    BILINEAR(1),
    BICUBIC(2),
    LANCZOS3(3),
    LANCZOS5(5);

    private final int radius;

    Kernel(int radius) {
      this.radius = radius;
    }
  }

  /** The places of cubic weights in a table of TensorFlow's. */
  private static final int TABLE = 1024;

  /** The first pixel of each target, and the weights of those from it on. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Taps(int[] first, float[][] weights) {}

  Taps taps(int from, int to) {
    return switch (kernel) {
      case NEAREST -> nearest(from, to);
      case BILINEAR -> antialias ? filtered(from, to) : linear(from, to);
      case BICUBIC -> antialias ? filtered(from, to) : cubic(from, to);
      case LANCZOS3, LANCZOS5 -> filtered(from, to);
    };
  }

  private static Taps nearest(int from, int to) {
    Taps taps = new Taps(new int[to], new float[to][]);
    float scale = (float) from / to;
    for (int i = 0; i < to; i++) {
      taps.first[i] = Math.min((int) Math.floor((i + 0.5f) * scale), from - 1);
      taps.weights[i] = new float[] {1};
    }
    return taps;
  }

  private static Taps linear(int from, int to) {
    Taps taps = new Taps(new int[to], new float[to][]);
    float scale = (float) from / to;
    for (int i = 0; i < to; i++) {
      float at = (i + 0.5f) * scale - 0.5f;
      int low = (int) Math.floor(at);
      float share = at - low;
      int first = Math.max(0, Math.min(from - 1, low));
      int last = Math.max(0, Math.min(from - 1, low + 1));
      taps.first[i] = first;
      taps.weights[i] = first == last ? new float[] {1} : new float[] {1 - share, share};
    }
    return taps;
  }

  /** Weights that lie outside are left out, and the others make up for them. */
  private static Taps cubic(int from, int to) {
    Taps taps = new Taps(new int[to], new float[to][]);
    float scale = (float) from / to;
    for (int i = 0; i < to; i++) {
      float at = (i + 0.5f) * scale - 0.5f;
      int low = (int) Math.floor(at);
      float place = (float) Math.rint((at - low) * TABLE) / TABLE;
      double[] all = {keys(1 + place), keys(place), keys(1 - place), keys(2 - place)};
      int first = Math.max(0, low - 1);
      int end = Math.min(from, low + 3);
      double sum = 0;
      for (int k = first; k < end; k++) {
        sum += all[k - low + 1];
      }
      float[] weights = new float[end - first];
      for (int k = first; k < end; k++) {
        weights[k - first] = (float) (all[k - low + 1] / sum);
      }
      taps.first[i] = first;
      taps.weights[i] = weights;
    }
    return taps;
  }

  /** A kernel over the pixels, wider where the picture becomes smaller and aliasing is filtered. */
  private Taps filtered(int from, int to) {
    Taps taps = new Taps(new int[to], new float[to][]);
    float scale = (float) from / to;
    float widened = antialias ? Math.max(scale, 1) : 1;
    float reach = kernel.radius * widened;
    for (int i = 0; i < to; i++) {
      float at = (i + 0.5f) * scale;
      int first = Math.max(0, (int) Math.ceil(at - reach - 0.5f));
      int end = Math.min(from, (int) Math.floor(at + reach - 0.5f) + 1);
      double[] all = new double[end - first];
      double sum = 0;
      for (int k = 0; k < all.length; k++) {
        all[k] = weight(Math.abs(first + k + 0.5f - at) / widened);
        sum += all[k];
      }
      float[] weights = new float[all.length];
      for (int k = 0; k < all.length; k++) {
        weights[k] = (float) (all[k] / sum);
      }
      taps.first[i] = first;
      taps.weights[i] = weights;
    }
    return taps;
  }

  private double weight(double x) {
    return switch (kernel) {
      case NEAREST -> 1;
      case BILINEAR -> Math.max(0, 1 - x);
      case BICUBIC -> keys(x);
      case LANCZOS3, LANCZOS5 -> lanczos(x, kernel.radius);
    };
  }

  /** Keys' cubic with a = -0.5. */
  private static double keys(double x) {
    if (x >= 2) {
      return 0;
    }
    return x < 1 ? ((1.5 * x - 2.5) * x) * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
  }

  private static double lanczos(double x, double radius) {
    if (x > radius) {
      return 0;
    }
    double angle = Math.PI * x;
    return x <= 1e-3 ? 1 : radius * Math.sin(angle) * Math.sin(angle / radius) / (angle * angle);
  }

  @Override
  public String toString() {
    return kernel.name().toLowerCase(Locale.ROOT) + (antialias ? ", antialiased" : "");
  }
}
