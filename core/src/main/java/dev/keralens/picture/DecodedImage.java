package dev.keralens.picture;

/**
 * An image file that was decoded and turned upright, not yet brought into the size and channels of
 * a model. {@link ImageLoader#decode} makes one; {@link ImageLoader#load(DecodedImage)} and {@link
 * ImageLoader#read(DecodedImage)} use it without decoding the file again.
 */
public final class DecodedImage {
  private final Pixels pixels;
  private final int largest;

  DecodedImage(Pixels pixels) {
    this.pixels = pixels;
    this.largest = pixels instanceof DeepPicture deep ? deep.largest() : 255;
  }

  Pixels pixels() {
    return pixels;
  }

  /** {@return the number of rows} */
  public int height() {
    return pixels.height();
  }

  /** {@return the number of columns} */
  public int width() {
    return pixels.width();
  }

  /** {@return whether its samples have 16 bits, not 8} */
  public boolean isSixteenBit() {
    return pixels instanceof DeepPicture;
  }

  /**
   * {@return the largest number of a colour, 0 to 65535} Scans of 10, 12 or 14 bits are stored in
   * 16 and end far below. 255 for an image of 8 bits.
   */
  public int largest() {
    return largest;
  }

  /** {@return how many bits its numbers use, 8 to 16} 8 for an image of 8 bits. */
  public int usedBits() {
    return Math.max(8, 32 - Integer.numberOfLeadingZeros(largest));
  }
}
