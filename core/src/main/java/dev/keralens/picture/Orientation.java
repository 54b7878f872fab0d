package dev.keralens.picture;

/**
 * How a stored picture must be turned to stand upright: the eight values of the EXIF tag
 * Orientation (0x0112).
 */
enum Orientation {
  UPRIGHT(false, false, false),
  MIRRORED(false, true, false),
  TURNED_180(false, true, true),
  FLIPPED(false, false, true),
  TRANSPOSED(true, false, false),
  TURNED_90(true, false, true),
  TRANSVERSED(true, true, true),
  TURNED_270(true, true, false);

  private final boolean swapsAxes;
  private final boolean mirrorsColumns;
  private final boolean mirrorsRows;

  /**
   * An upright pixel (row, column) is stored at the same place of the mirrored or transposed axes.
   */
  Orientation(boolean swapsAxes, boolean mirrorsColumns, boolean mirrorsRows) {
    this.swapsAxes = swapsAxes;
    this.mirrorsColumns = mirrorsColumns;
    this.mirrorsRows = mirrorsRows;
  }

  /** The orientation of a tag's value; upright for one outside 1 to 8. */
  static Orientation ofTag(int value) {
    return value >= 1 && value <= 8 ? values()[value - 1] : UPRIGHT;
  }

  boolean swapsAxes() {
    return swapsAxes;
  }

  /** The pixels turned upright. */
  Pixels turn(Pixels stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    return stored instanceof Picture picture ? turn(picture) : turn((DeepPicture) stored);
  }

  private Picture turn(Picture stored) {
    int height = swapsAxes ? stored.width() : stored.height();
    int width = swapsAxes ? stored.height() : stored.width();
    int channels = stored.channels();
    byte[] in = stored.samples();
    byte[] out = new byte[in.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int source = storedIndex(y, x, stored.height(), stored.width()) * channels;
        for (int c = 0; c < channels; c++) {
          out[at++] = in[source + c];
        }
      }
    }
    return new Picture(stored.colorMode(), height, width, out);
  }

  private DeepPicture turn(DeepPicture stored) {
    int height = swapsAxes ? stored.width() : stored.height();
    int width = swapsAxes ? stored.height() : stored.width();
    int channels = stored.channels();
    short[] in = stored.samples();
    short[] out = new short[in.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int source = storedIndex(y, x, stored.height(), stored.width()) * channels;
        for (int c = 0; c < channels; c++) {
          out[at++] = in[source + c];
        }
      }
    }
    return new DeepPicture(stored.colorMode(), height, width, out);
  }

  private int storedIndex(int row, int column, int storedHeight, int storedWidth) {
    int r = swapsAxes ? column : row;
    int c = swapsAxes ? row : column;
    if (mirrorsRows) {
      r = storedHeight - 1 - r;
    }
    if (mirrorsColumns) {
      c = storedWidth - 1 - c;
    }
    return r * storedWidth + c;
  }
}
