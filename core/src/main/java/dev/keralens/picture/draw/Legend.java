package dev.keralens.picture.draw;

import dev.keralens.picture.figure.Canvas;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Names with their colours, in lines below a picture. */
final class Legend {
  private Legend() {}

  /**
   * A name and where it stands.
   *
   * @param x the left end of its swatch
   * @param y the top of its line, from the legend's top
   */
  private record Entry(TextBlock name, double x, double y) {}

  /**
   * The entries, laid out.
   *
   * @param height the legend's height, its margins included
   */
  record Layout(List<Entry> entries, double size, int height) {
    static final Layout EMPTY = new Layout(List.of(), 0, 0);

    void draw(
        Canvas canvas,
        Lettering lettering,
        double left,
        double top,
        IntUnaryOperator colors,
        int ink) {
      for (int i = 0; i < entries.size(); i++) {
        Entry entry = entries.get(i);
        int side = (int) Math.round(size * 0.75);
        canvas.color(colors.applyAsInt(i));
        canvas.fill(
            (int) Math.round(left + entry.x),
            (int) Math.round(top + entry.y + size * 0.25),
            side,
            side);
        canvas.color(ink);
        entry.name.draw(
            canvas,
            lettering,
            left + entry.x + size * 1.05,
            top + entry.y,
            0,
            TextBlock.Align.LEFT);
      }
    }
  }

  static Layout layout(List<String> names, Lettering lettering, double size, int width) {
    double margin = size * 0.4;
    double swatch = size * 1.05;
    List<Entry> entries = new ArrayList<>();
    double x = margin;
    double y = margin;
    for (String name : names) {
      TextBlock text = TextBlock.of(lettering, name, size, width - 2 * margin - swatch, 1);
      double needed = swatch + text.width(lettering);
      if (x > margin && x + needed > width - margin) {
        x = margin;
        y += size * Lettering.LEADING;
      }
      entries.add(new Entry(text, x, y));
      x += needed + size;
    }
    return new Layout(
        List.copyOf(entries), size, (int) Math.ceil(y + size * Lettering.LEADING + margin));
  }
}
