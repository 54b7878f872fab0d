package dev.keralens.picture;

import dev.keralens.text.Names;

/**
 * The channels of a {@link Picture}, with Keras' names: {@code grayscale}, {@code rgb}, {@code
 * rgba}.
 */
public enum ColorMode {
  /** One channel: luma. */
  GRAYSCALE(1),
  /** Three channels: red, green, blue. */
  RGB(3),
  /** Four channels: red, green, blue, alpha (not premultiplied; 255 is opaque). */
  RGBA(4);

  private final int channels;

  ColorMode(int channels) {
    this.channels = channels;
  }

  /** {@return the number of channels: 1, 3 or 4} */
  public int channels() {
    return channels;
  }

  /**
   * {@return the mode of a name}
   *
   * @param name the name, in any case
   * @throws IllegalArgumentException if there is none of that name; the message holds the closest
   */
  public static ColorMode of(String name) {
    return Names.constant(ColorMode.class, "colour mode", name);
  }

  static ColorMode ofChannels(int channels) {
    for (ColorMode mode : values()) {
      if (mode.channels == channels) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "A picture has 1 (grayscale), 3 (RGB) or 4 (RGBA) channels, got " + channels + ".");
  }
}
