package dev.keralens.picture.figure;

import dev.keralens.picture.Picture;

/** What a figure is painted on: pixels, or shapes and letters of a file that can be enlarged. */
public interface Canvas {
  /**
   * Paints what follows in a colour.
   *
   * @param color the colour, 0xRRGGBB
   */
  void color(int color);

  /**
   * Fills a rectangle.
   *
   * @param x its left edge
   * @param y its upper edge
   * @param width its width
   * @param height its height
   */
  void fill(double x, double y, double width, double height);

  /**
   * Draws the edge of a rectangle, a pixel wide, as {@code Graphics2D.drawRect} does.
   *
   * @param x its left edge
   * @param y its upper edge
   * @param width its width
   * @param height its height
   */
  void frame(double x, double y, double width, double height);

  /**
   * Draws a picture, a pixel of it as a pixel.
   *
   * @param picture the picture, opaque
   * @param x its left edge
   * @param y its upper edge
   */
  void image(Picture picture, int x, int y);

  /**
   * Draws a line of letters.
   *
   * @param line the letters
   * @param x their left end
   * @param baseline where they stand
   * @param size the size of their em
   * @param width how wide the line is, as it was measured
   */
  void text(String line, double x, double baseline, double size, double width);
}
