package dev.keralens.picture;

/** A rectangle of a picture: its first column and row, its width and height, in pixels. */
record Region(int left, int top, int width, int height) {
  static Region all(int height, int width) {
    return new Region(0, 0, width, height);
  }

  /**
   * The largest centred part of a picture with the target's aspect ratio, in Keras' integer
   * arithmetic.
   */
  static Region ofAspect(int height, int width, int targetHeight, int targetWidth) {
    int cropHeight = (int) Math.min(height, (long) width * targetHeight / targetWidth);
    int cropWidth = (int) Math.min(width, (long) height * targetWidth / targetHeight);
    return centred(height, width, Math.max(1, cropHeight), Math.max(1, cropWidth));
  }

  static Region centred(int height, int width, int cropHeight, int cropWidth) {
    return new Region((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
  }

  /** The centred part of this region that keeps a fraction of each side. */
  Region fraction(double fraction) {
    int h = Math.max(1, (int) Math.round(height * fraction));
    int w = Math.max(1, (int) Math.round(width * fraction));
    return new Region(left + (width - w) / 2, top + (height - h) / 2, w, h);
  }
}
