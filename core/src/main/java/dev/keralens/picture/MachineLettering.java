package dev.keralens.picture;

/** Holds the lettering of this machine, found out once. */
final class MachineLettering {
  static final Lettering INSTANCE = find();

  private MachineLettering() {}

  /**
   * A Java without a font library or a machine without a font meets the first measurement with
   * errors of many kinds (InternalError, UnsatisfiedLinkError, NullPointerException and others); a
   * grid must come out all the same.
   */
  @SuppressWarnings("CatchAndPrintStackTrace")
  private static Lettering find() {
    try {
      Lettering font = new FontLettering();
      if (font.width("Keras", 12) > 0) {
        return font;
      }
    } catch (RuntimeException | LinkageError | InternalError e) {
      // No fonts here.
    }
    return new StrokeLettering();
  }
}
