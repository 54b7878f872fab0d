package dev.keralens.spark;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import org.apache.spark.sql.Row;

/** Images as Spark's source {@code image} gives them: rows of bytes in the order of OpenCV, BGR. */
final class ImageStruct {
  private static final int HEIGHT = 1;
  private static final int WIDTH = 2;
  private static final int CHANNELS = 3;
  private static final int MODE = 4;
  private static final int DATA = 5;

  /** OpenCV's number of a type: bytes are 0, and each further channel adds 8. */
  private static final int CHANNEL_STEP = 8;

  private ImageStruct() {}

  /**
   * {@return an image in the usual order}
   *
   * @throws IllegalArgumentException if the source could not read it, or it has not 1, 3 or 4
   *     channels of bytes
   */
  static Picture picture(Row image, String name) {
    int height = image.getInt(HEIGHT);
    int width = image.getInt(WIDTH);
    int channels = image.getInt(CHANNELS);
    int mode = image.getInt(MODE);
    byte[] data = image.getAs(DATA);
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "%s: Spark's source 'image' could not read it.".formatted(name));
    }
    boolean known = channels == 1 || channels == 3 || channels == 4;
    if (!known
        || mode != (channels - 1) * CHANNEL_STEP
        || data.length != (long) height * width * channels) {
      throw new IllegalArgumentException(
          "%s: images have 1, 3 or 4 channels of bytes, got %d x %d x %d of OpenCV's type %d in %d bytes."
              .formatted(name, height, width, channels, mode, data.length));
    }
    float[] samples = new float[data.length];
    for (int pixel = 0; pixel < data.length; pixel += channels) {
      for (int channel = 0; channel < channels; channel++) {
        int from = channels > 1 && channel < 3 ? 2 - channel : channel;
        samples[pixel + channel] = data[pixel + from] & 0xff;
      }
    }
    return Picture.ofTensor(Tensor.of(samples, height, width, channels));
  }
}
