package dev.keralens.picture.draw;

import java.util.function.Supplier;

/** Holds the lettering of this machine, found out once. */
final class MachineLettering {
  static final Lettering INSTANCE = find(FontLettering::new);

  private MachineLettering() {}

  /**
   * A Java without a font library or a machine without a font meets the first measurement with
   * errors of many kinds (a bare Error, InternalError, AWTError, UnsatisfiedLinkError,
   * NullPointerException and others); a grid must come out all the same.
   */
  static Lettering find(Supplier<Lettering> fonts) {
    try {
      Lettering font = fonts.get();
      if (font.width("Keras", 12) > 0) {
        return font;
      }
    } catch (RuntimeException | Error e) {
      if (e instanceof OutOfMemoryError || e instanceof StackOverflowError) {
        throw e;
      }
      // No fonts here.
    }
    return new StrokeLettering();
  }
}
