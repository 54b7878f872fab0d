package dev.keralens.picture.draw;

import java.awt.Graphics2D;

/** Draws and measures lines of text; sizes are in pixels, those of the em of a font. */
interface Lettering {
  /** How wide a line is. */
  double width(String line, double size);

  /** Draws a line in the graphics' colour, its left end and baseline given. */
  void draw(Graphics2D graphics, String line, double x, double baseline, double size);

  /** How far letters reach above the baseline, as a share of the size. */
  double ASCENT = 0.93;

  /** From one baseline to the next, as a share of the size. */
  double LEADING = 1.25;

  /** Java's sans-serif font, or our own strokes on a machine without fonts. */
  static Lettering ofMachine() {
    return MachineLettering.INSTANCE;
  }
}
