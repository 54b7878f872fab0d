package dev.keralens.picture.draw;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.Locale;

/** What drawings of numbers share: a white sheet, ink, and numbers in few letters. */
final class Plots {
  static final Color INK = new Color(0x111111);
  static final Color PALE = new Color(0xB8B8B8);

  private Plots() {}

  /** A white sheet. */
  static BufferedImage sheet(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  /** A number with three digits. */
  static String number(double value) {
    if (value == 0) {
      return "0";
    }
    boolean plain = Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5;
    String text =
        plain && Math.abs(value) >= 100
            ? String.valueOf(Math.round(value))
            : String.format(Locale.ROOT, plain ? "%.2g" : "%.0e", value);
    boolean zeros = plain && text.contains(".") && !text.contains("e");
    return (zeros ? text.replaceAll("\\.?0+$", "") : text).replace('-', '−');
  }

  /** A round distance of ticks, so that there are about as many as wanted. */
  static double step(double range, int wanted) {
    double rough = range / Math.max(1, wanted);
    double magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
    double digits = rough / magnitude;
    return magnitude * (digits < 1.5 ? 1 : digits < 3.5 ? 2 : digits < 7.5 ? 5 : 10);
  }
}
