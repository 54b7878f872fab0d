package dev.keralens.picture.draw;

import dev.keralens.picture.figure.Canvas;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The bar that says what a grid's colours stand for. It fades as the overlay does, so it looks as
 * the maps look over a picture.
 *
 * @param overlay the colours; null where there is no bar
 * @param ticks places of 0 (bottom) to 1, and their labels
 * @param label what the values are
 */
record ColorBar(
    @Nullable Overlay overlay, List<Tick> ticks, TextBlock label, int thickness, int width) {
  record Tick(double place, TextBlock text) {}

  static ColorBar of(Grid grid, Lettering lettering, double letters) {
    String text = grid.colorBar();
    if (text == null) {
      return new ColorBar(null, List.of(), new TextBlock(List.of(), letters), 0, 0);
    }
    List<Tick> ticks = new ArrayList<>();
    scaleTicks(grid)
        .forEach(
            (tick) ->
                ticks.add(
                    new Tick(
                        tick.place, TextBlock.of(lettering, tick.text, letters, letters * 6, 1))));
    double widest = ticks.stream().mapToDouble(tick -> tick.text.width(lettering)).max().orElse(0);
    int thickness = (int) Math.round(letters * 1.1);
    double beside = thickness + letters * 0.5 + widest;
    TextBlock label = TextBlock.of(lettering, text, letters, Math.max(beside, letters * 8), 3);
    int width = (int) Math.ceil(Math.max(beside, label.width(lettering)));
    return new ColorBar(grid.overlay(), List.copyOf(ticks), label, thickness, width);
  }

  boolean isPresent() {
    return overlay != null;
  }

  private record Label(double place, String text) {}

  /** Numbers, if all maps have one scale; else words. */
  private static List<Label> scaleTicks(Grid grid) {
    Overlay.@Nullable Scale common = null;
    boolean same = true;
    boolean negative = false;
    for (Grid.Cell cell : grid.cells()) {
      if (cell.map() != null) {
        Overlay.Scale scale = grid.overlay().scale(MapValues.ofMap(cell.map()));
        negative |= scale.low() < 0;
        same &= common == null || scale.isNear(common);
        common = common == null ? scale : common;
      }
    }
    if (common == null) {
      common = grid.overlay().scale(new MapValues(1, 2, new float[] {0, 1}));
    }
    if (same) {
      return numbers(common);
    }
    if (grid.overlay().colorMap().isDiverging()) {
      return List.of(new Label(0, "−max"), new Label(0.5, "0"), new Label(1, "max"));
    }
    return List.of(new Label(0, negative ? "min" : "0"), new Label(1, "max"));
  }

  private static List<Label> numbers(Overlay.Scale scale) {
    double range = scale.high() - scale.low();
    double magnitude = Math.pow(10, Math.floor(Math.log10(range / 4)));
    double rough = range / 4 / magnitude;
    double step =
        magnitude * (rough < 1.5 ? 1 : rough < 2.25 ? 2 : rough < 4 ? 2.5 : rough < 7.5 ? 5 : 10);
    List<Label> labels = new ArrayList<>();
    for (long k = (long) Math.ceil(scale.low() / step - 1e-6);
        k * step <= scale.high() + step * 1e-6;
        k++) {
      labels.add(new Label((k * step - scale.low()) / range, number(k * step)));
    }
    return labels;
  }

  private static String number(double value) {
    if (value == 0) {
      return "0";
    }
    String text = String.format(Locale.ROOT, "%.3g", value);
    if (text.contains("e")) {
      return text.replaceAll("\\.?0+e", "e")
          .replace("e-0", "e-")
          .replace("e+0", "e")
          .replace('-', '−');
    }
    return (text.contains(".") ? text.replaceAll("\\.?0+$", "") : text).replace('-', '−');
  }

  /** Draws the bar between two heights, the label above. */
  void draw(
      Canvas canvas, Lettering lettering, int left, int top, int bottom, int ink, int background) {
    if (overlay == null) {
      return;
    }
    int head = (int) Math.ceil(label.height() + (label.lines().isEmpty() ? 0 : label.size() * 0.4));
    label.draw(canvas, lettering, left, top, width, TextBlock.Align.LEFT);
    int first = top + head;
    int length = Math.max(8, bottom - first);
    for (int y = 0; y < length; y++) {
      double value = 1 - (y + 0.5) / length;
      double opacity = overlay.opacity(value) / overlay.opacity(1);
      canvas.color(
          background == Grid.SOLID
              ? overlay.colorMap().color(value)
              : Colors.mix(background, overlay.colorMap().color(value), opacity));
      canvas.fill(left, first + y, thickness, 1);
    }
    canvas.color(ink);
    canvas.frame(left, first, thickness - 1, length - 1);
    for (Tick tick : spaced(length)) {
      double y = first + (1 - tick.place) * (length - 1);
      canvas.fill(left + thickness, (int) Math.round(y), Math.max(2, thickness / 5), 1);
      double size = tick.text.size();
      double lowest = first + length - size * Lettering.ASCENT;
      double textTop =
          Math.max(first - size * 0.2, Math.min(y - size * (Lettering.ASCENT - 0.36), lowest));
      tick.text.draw(
          canvas, lettering, left + thickness + size * 0.4, textTop, width, TextBlock.Align.LEFT);
    }
  }

  /** The ticks, or every second, third, ... of them from 0 on if they stand too close. */
  private List<Tick> spaced(int length) {
    if (ticks.size() < 2) {
      return ticks;
    }
    double distance = (ticks.get(1).place - ticks.get(0).place) * length;
    int step = Math.max(1, (int) Math.ceil(ticks.get(0).text.size() * 1.3 / distance));
    int zero = 0;
    for (int i = 0; i < ticks.size(); i++) {
      zero = ticks.get(i).text.lines().equals(List.of("0")) ? i : zero;
    }
    List<Tick> kept = new ArrayList<>();
    for (int i = zero % step; i < ticks.size(); i += step) {
      kept.add(ticks.get(i));
    }
    return kept;
  }
}
