package dev.keralens.keras.hub.argument;

/** Numbers of channels as MobileNet rounds them. */
public final class RoundedChannels {
  private RoundedChannels() {}

  /**
   * {@return the nearest multiple of eight, at least eight, and never less than nine tenths}
   *
   * @param wanted the number before rounding
   */
  public static int of(double wanted) {
    int rounded = Math.max(8, (int) (wanted + 4) / 8 * 8);
    return rounded < 0.9 * wanted ? rounded + 8 : rounded;
  }
}
