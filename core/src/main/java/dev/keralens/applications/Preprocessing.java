package dev.keralens.applications;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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
  /** x / 255: values in [0, 1]. */
  UNIT {
    @Override
    void convert(float[] x) {
      for (int i = 0; i < x.length; i++) {
        x[i] /= 255;
      }
    }
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
  },
  /** 257 x: values in [0, 65535], as pictures of 16 bits hold them. */
  UINT16 {
    @Override
    void convert(float[] x) {
      for (int i = 0; i < x.length; i++) {
        x[i] *= 257;
      }
    }
  };

  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] DEVIATION = {0.229f, 0.224f, 0.225f};
  private static final float BLUE = 103.939f;
  private static final float GREEN = 116.779f;
  private static final float RED = 123.68f;

  /** {@return what it is called, in lower case: Keras' name of the mode where it has one} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * {@return what has a name: one of {@link #label}, or that of a network of {@code
   * keras.applications}, whose pictures go through it}
   *
   * @param name the name; upper and lower case, hyphens and underscores do not matter
   */
  public static Optional<Preprocessing> named(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    for (Preprocessing preprocessing : values()) {
      if (preprocessing.label().equals(plain)) {
        return Optional.of(preprocessing);
      }
    }
    return Applications.has(name)
        ? Optional.of(Applications.of(name).preprocessing())
        : Optional.empty();
  }

  /** {@return whether pictures must have three channels: red, green and blue} */
  public boolean needsColors() {
    return this == TORCH || this == CAFFE;
  }

  /** {@return what values it gives, in words, such as {@code "0 to 1"}} */
  public String range() {
    return switch (this) {
      case NONE -> "0 to 255";
      case UNIT -> "0 to 1";
      case TF -> "-1 to 1";
      case TORCH -> "(x / 255 - mean) / deviation, those of ImageNet";
      case CAFFE -> "blue, green, red less their means in ImageNet";
      case UINT16 -> "0 to 65535";
    };
  }

  /**
   * Adds the same to a graph.
   *
   * @param b the graph's builder
   * @param pixels float, of values in [0, 255]
   * @param channelAxis the axis of red, green and blue
   * @return pictures as the network takes them
   * @throws IllegalArgumentException if that axis has another size and {@link #needsColors}
   */
  public Value add(GraphBuilder b, Value pixels, int channelAxis) {
    if (needsColors() && (channelAxis < 0 || pixels.shape().size(channelAxis) != 3)) {
      throw new IllegalArgumentException(
          "Preprocessing %s takes pictures with 3 channels, got %s.".formatted(label(), pixels));
    }
    return switch (this) {
      case NONE -> pixels;
      case UNIT -> b.div(pixels, b.scalar(255));
      case TF -> b.sub(b.div(pixels, b.scalar(127.5f)), b.scalar(1));
      case TORCH -> {
        Value above = b.sub(b.div(pixels, b.scalar(255)), colors(b, MEAN, pixels, channelAxis));
        yield b.div(above, colors(b, DEVIATION, pixels, channelAxis));
      }
      case CAFFE -> {
        Value reversed =
            b.node(Op.GATHER, Attributes.of("axis", channelAxis), pixels, b.ints(2, 1, 0));
        yield b.sub(reversed, colors(b, new float[] {BLUE, GREEN, RED}, pixels, channelAxis));
      }
      case UINT16 -> b.mul(pixels, b.scalar(257));
    };
  }

  private static Value colors(GraphBuilder b, float[] values, Value pixels, int channelAxis) {
    int[] shape = new int[pixels.rank()];
    Arrays.fill(shape, 1);
    shape[channelAxis] = values.length;
    return b.constant(Tensor.of(values, shape));
  }

  /** Converts in place, pixel by pixel. */
  abstract void convert(float[] x);

  /**
   * {@return pictures as the network takes them}
   *
   * @param x pixels in [0, 255], of any shape whose last axis holds red, green and blue
   * @throws IllegalArgumentException if the last axis has another size and {@link #needsColors}
   */
  public Tensor apply(Tensor x) {
    if (needsColors() && (x.rank() == 0 || x.size(-1) != 3)) {
      throw new IllegalArgumentException(
          "Preprocessing %s takes pictures with 3 channels on the last axis, got %s."
              .formatted(this, x.typeAndShape()));
    }
    float[] values = x.toFloatArray();
    convert(values);
    return Tensor.of(values, x.shape());
  }
}
