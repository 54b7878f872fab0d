package dev.keralens.applications;

import dev.keralens.tensor.Tensor;

/**
 * What pixels go through before a network sees them: Keras' {@code preprocess_input}. It takes red,
 * green and blue in [0, 255] on the last axis.
 */
public enum Preprocessing {
  /** Nothing: the network scales its pixels itself. */
  NONE {
    @Override
    void convert(float[] x) {}
  },
  /** x / 127.5 - 1: values in [-1, 1]. */
  TF {
    @Override
    void convert(float[] x) {
      for (int i = 0; i < x.length; i++) {
        x[i] = x[i] / 127.5f - 1;
      }
    }
  },
  /** (x / 255 - mean) / standard deviation, those of ImageNet, channel by channel. */
  TORCH {
    @Override
    void convert(float[] x) {
      for (int i = 0; i < x.length; i++) {
        x[i] = (x[i] / 255 - MEAN[i % 3]) / DEVIATION[i % 3];
      }
    }
  },
  /** The channels in the order blue, green, red, less their means in ImageNet. */
  CAFFE {
    @Override
    void convert(float[] x) {
      for (int i = 0; i < x.length; i += 3) {
        float red = x[i];
        x[i] = x[i + 2] - BLUE;
        x[i + 1] -= GREEN;
        x[i + 2] = red - RED;
      }
    }
  };

  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
  private static final float BLUE = 103.939f;
  private static final float GREEN = 116.779f;
  private static final float RED = 123.68f;

  /** Converts in place, pixel by pixel. */
  abstract void convert(float[] x);

  /**
   * {@return pictures as the network takes them}
   *
   * @param x pixels in [0, 255], of any shape whose last axis holds red, green and blue
   * @throws IllegalArgumentException if the last axis has another size; {@link #NONE} and {@link
   *     #TF} take any
   */
  public Tensor apply(Tensor x) {
    boolean anyChannels = this == NONE || this == TF;
    if (!anyChannels && (x.rank() == 0 || x.size(-1) != 3)) {
      throw new IllegalArgumentException(
          "Preprocessing %s takes pictures with 3 channels on the last axis, got %s."
              .formatted(this, x));
    }
    float[] values = x.toFloatArray();
    convert(values);
    return Tensor.of(values, x.shape());
  }
}
