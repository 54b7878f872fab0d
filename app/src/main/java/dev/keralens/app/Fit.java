package dev.keralens.app;

import dev.keralens.picture.Picture;

/** What becomes of a picture whose sides are in another proportion than the model's input. */
enum Fit {
  /** It is stretched or squeezed. */
  STRETCH,
  /** What is too much at two sides is cut off. */
  CROP,
  /** Black is added at two sides. */
  PAD;

  /** A picture in the proportion of an input. */
  Picture applied(Picture picture, int height, int width) {
    boolean wide = (long) picture.width() * height > (long) picture.height() * width;
    return switch (this) {
      case STRETCH -> picture;
      case CROP ->
          wide
              ? cropped(picture, picture.height(), side(picture.height(), width, height))
              : cropped(picture, side(picture.width(), height, width), picture.width());
      case PAD ->
          wide
              ? padded(picture, side(picture.width(), height, width), picture.width())
              : padded(picture, picture.height(), side(picture.height(), width, height));
    };
  }

  private static int side(int other, int own, int opposite) {
    return Math.max(1, Math.round((float) other * own / opposite));
  }

  private static Picture cropped(Picture picture, int height, int width) {
    int rows = Math.min(height, picture.height());
    int columns = Math.min(width, picture.width());
    return picture.crop(
        (picture.height() - rows) / 2, (picture.width() - columns) / 2, rows, columns);
  }

  private static Picture padded(Picture picture, int height, int width) {
    int rows = Math.max(height, picture.height());
    int columns = Math.max(width, picture.width());
    int channels = picture.channels();
    byte[] from = picture.toBytes();
    byte[] to = new byte[Math.multiplyExact(Math.multiplyExact(rows, columns), channels)];
    int top = (rows - picture.height()) / 2;
    int left = (columns - picture.width()) / 2;
    int each = picture.width() * channels;
    for (int row = 0; row < picture.height(); row++) {
      System.arraycopy(from, row * each, to, ((top + row) * columns + left) * channels, each);
    }
    return Picture.ofBytes(picture.colorMode(), rows, columns, to);
  }
}
