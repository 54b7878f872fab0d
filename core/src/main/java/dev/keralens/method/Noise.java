package dev.keralens.method;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images with Gaussian noise; the first pass has none. The noise is the same for every image of a
 * batch and in every call.
 */
final class Noise {
  private final int[] shape;
  private final float[] images;
  private final float[] scales;
  private final int size;
  private final int together;
  private final double noise;
  private final long seed;
  private final int channelAxis;
  private final @Nullable ByteBuffer[] buffers = new ByteBuffer[2];

  /**
   * Noise for a batch.
   *
   * @param together how many passes are drawn at once, at most
   * @param noise the standard deviation of the noise
   * @param relative whether it is a part of the range of each image
   * @param seed the same one, the same noise
   * @param channelAxis the axis of the channels; negative where there is none. A pixel's noise is
   *     the same whatever the order of axes is
   */
  Noise(Tensor images, int together, double noise, boolean relative, long seed, int channelAxis) {
    this.channelAxis = channelAxis;
    this.noise = noise;
    this.seed = seed;
    this.together = together;
    this.shape = images.shape();
    this.images = images.toFloatArray();
    this.scales = new float[shape[0]];
    this.size = this.images.length / shape[0];
    Arrays.fill(scales, 1);
    for (int image = 0; relative && image < scales.length; image++) {
      scales[image] = range(image * size);
    }
  }

  /**
   * What the input of some passes is, one after another. It is drawn into the buffer that the pass
   * before does not read.
   */
  Tensor draw(int from, int count) {
    int length = Math.multiplyExact(Math.multiplyExact(images.length, count), Float.BYTES);
    ByteBuffer bytes = buffers[from / together % 2];
    if (bytes == null) {
      bytes = ByteBuffer.allocate(length);
      buffers[from / together % 2] = bytes;
    }
    Tensor noisy =
        Tensor.wrap(
            ElementType.FLOAT32,
            bytes.slice(0, length).order(ByteOrder.LITTLE_ENDIAN),
            rows(count));
    FloatBuffer all = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    IntStream.range(0, count)
        .parallel()
        .forEach(i -> noisy(from + i, all.slice(i * images.length, images.length)));
    return noisy;
  }

  private int[] rows(int count) {
    int[] rows = shape.clone();
    rows[0] *= count;
    return rows;
  }

  private void noisy(int pass, FloatBuffer out) {
    if (pass == 0) {
      out.put(images);
      return;
    }
    float[] ordered = drawn(pass, shape, noise, seed, channelAxis);
    float[] row = new float[size];
    for (int image = 0; image < scales.length; image++) {
      float scale = scales[image];
      int at = image * size;
      for (int i = 0; i < size; i++) {
        row[i] = images[at + i] + scale * ordered[i];
      }
      out.put(row);
    }
  }

  /**
   * The noise alone, for each pass: (passes, axes...), the first without any.
   *
   * @param shape the shape of the images
   */
  static Tensor passes(int count, int[] shape, double noise, long seed, int channelAxis) {
    int[] sizes = shape.clone();
    sizes[0] = count;
    int size = Math.toIntExact(Tensor.elements(sizes) / count);
    float[] all = new float[Math.multiplyExact(count, size)];
    for (int pass = 1; pass < count; pass++) {
      System.arraycopy(drawn(pass, shape, noise, seed, channelAxis), 0, all, pass * size, size);
    }
    return Tensor.of(all, sizes);
  }

  private static float[] drawn(int pass, int[] shape, double noise, long seed, int channelAxis) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003L + pass);
    int size = Math.toIntExact(Tensor.elements(shape) / shape[0]);
    float[] drawn = new float[size];
    for (int i = 0; i < size; i++) {
      drawn[i] = (float) (random.nextGaussian() * noise);
    }
    return ordered(drawn, shape, channelAxis);
  }

  /** What was drawn with the channels last, in the order of the image's axes. */
  static float[] ordered(float[] drawn, int[] shape, int channelAxis) {
    if (channelAxis < 1 || channelAxis == shape.length - 1) {
      return drawn;
    }
    int channels = shape[channelAxis];
    int inner = 1;
    for (int axis = channelAxis + 1; axis < shape.length; axis++) {
      inner *= shape[axis];
    }
    int size = drawn.length;
    float[] ordered = new float[size];
    for (int i = 0; i < size; i++) {
      int outer = i / (channels * inner);
      int channel = i / inner % channels;
      ordered[i] = drawn[(outer * inner + i % inner) * channels + channel];
    }
    return ordered;
  }

  /** The maximum of an image minus its minimum. */
  private float range(int from) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + size; i++) {
      low = Math.min(low, images[i]);
      high = Math.max(high, images[i]);
    }
    return high - low;
  }
}
