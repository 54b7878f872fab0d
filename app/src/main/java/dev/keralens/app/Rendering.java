package dev.keralens.app;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import dev.keralens.picture.draw.BoundingBox;
import dev.keralens.picture.draw.ColorMap;
import dev.keralens.picture.draw.Contours;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.picture.draw.PixelOverlay;
import dev.keralens.picture.draw.UnitOverlay;
import dev.keralens.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * How maps are drawn.
 *
 * <p>Maps of activations are smooth, and lie over the picture; for maps of single pixels see {@link
 * PixelOverlay}.
 *
 * @param style what is drawn
 * @param colorMap the colours; null for those that suit the map
 * @param alpha the opacity of the strongest colour
 * @param signed whether maps have values below zero
 * @param threshold the share of a map's maximum from which a place lies in the box
 * @param interpolation how maps become as large as pictures
 * @param figure how a picture of all is laid out and written
 */
public record Rendering(
    Style style,
    @Nullable ColorMap colorMap,
    double alpha,
    boolean signed,
    double threshold,
    Interpolation interpolation,
    Figure figure) {
  /** What is drawn of maps. */
  enum Style {
    /** Colours over the picture. */
    HEAT,
    /** Lines of equal evidence. */
    CONTOURS,
    /** Colours, and a box around the strongest place. */
    BOX,
    /** Every unit of an image in a colour of its own, in one picture. */
    UNITS
  }

  private static final int BOX_COLOR = 0x00E05A;

  /** Colours that suit the map, over the picture. */
  static Rendering ofHeat() {
    return new Rendering(
        Style.HEAT, null, 0.65, false, 0.2, Interpolation.BILINEAR, Figure.usual());
  }

  /** How maps of activations are laid over a picture. */
  Overlay overlay() {
    return Overlay.create()
        .colorMap(colors(ColorMap.JET))
        .alpha(alpha)
        .interpolation(interpolation);
  }

  /** The colours of contours by their levels, for a colour bar. */
  Overlay lineColors() {
    return Overlay.create().colorMap(colorMap == null ? ColorMap.VIRIDIS : colorMap).alpha(1);
  }

  /** The colours of maps of single pixels, for a colour bar. */
  Overlay pixelColors() {
    return Overlay.create().colorMap(colors(ColorMap.INFERNO)).alpha(1);
  }

  /** The same, with what the file says beside the picture. */
  Rendering with(PictureNotes notes) {
    return new Rendering(
        style, colorMap, alpha, signed, threshold, interpolation, figure.with(notes));
  }

  private ColorMap colors(ColorMap unsigned) {
    return colorMap != null ? colorMap : signed ? ColorMap.COOLWARM : unsigned;
  }

  /** Whether the units of an image share one picture. */
  boolean joinsUnits() {
    return style == Style.UNITS;
  }

  /** A picture with a map of activations, or of single pixels, over it. */
  Picture draw(Picture picture, Tensor map, boolean ofPixels) {
    return switch (style) {
      case HEAT, UNITS -> heat(picture, map, ofPixels);
      case CONTOURS -> contours().draw(picture, map);
      case BOX -> {
        Picture drawn = heat(picture, map, ofPixels);
        yield BoundingBox.of(map, threshold, picture.height(), picture.width())
            .map(box -> box.draw(drawn, BOX_COLOR))
            .orElse(drawn);
      }
    };
  }

  /** How the maps of several units are laid over a picture. */
  UnitOverlay unitOverlay() {
    return UnitOverlay.create().alpha(alpha);
  }

  /** A picture without colours, over which colours can be told apart. */
  static Picture gray(Picture picture) {
    return picture.convert(ColorMode.RGB).convert(ColorMode.GRAYSCALE).convert(ColorMode.RGB);
  }

  private Contours contours() {
    return Contours.create().colorMap(colorMap == null ? ColorMap.VIRIDIS : colorMap);
  }

  private Picture heat(Picture picture, Tensor map, boolean ofPixels) {
    return ofPixels
        ? PixelOverlay.create().colorMap(colors(ColorMap.INFERNO)).draw(picture, map)
        : overlay().draw(picture, map);
  }
}
