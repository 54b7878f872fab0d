package dev.keralens.picture.figure;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.picture.PictureNotes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.Deflater;

/**
 * A figure as one page of PDF 1.4. Text is text, in Helvetica, as wide as it was measured; a line
 * with letters that Helvetica does not have in PDF (other scripts) is drawn as a picture of them.
 */
public final class PdfCanvas implements Canvas {
  /** Draws a line of letters as a picture, black on white. */
  @FunctionalInterface
  public interface Letters {
    /**
     * {@return the line as a picture, its baseline at a height}
     *
     * @param line the letters
     * @param size the size of their em
     * @param width how wide the picture is
     * @param height how high it is
     * @param baseline where the letters stand, from the top
     */
    Picture drawn(String line, double size, int width, int height, double baseline);
  }

  private static final double POINTS = 72;
  private static final double SCREEN_DPI = 96;
  private static final int FINE = 4;
  private static final int FIRST_IMAGE = 6;

  /** The widths of Helvetica's letters from the blank to the tilde, in thousandths of the em. */
  private static final int[] WIDTHS = {
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584
  };

  private static final int OTHER_WIDTH = 556;

  private final StringBuilder content = new StringBuilder();
  private final List<byte[]> images = new ArrayList<>();
  private final int width;
  private final int height;
  private final double scale;
  private final PictureNotes notes;
  private final Letters letters;

  /**
   * An empty page.
   *
   * @param width its width
   * @param height its height
   * @param notes how large it is printed, how it was made
   * @param letters draws what Helvetica has not
   */
  public PdfCanvas(int width, int height, PictureNotes notes, Letters letters) {
    this.width = width;
    this.height = height;
    this.notes = notes;
    this.letters = letters;
    this.scale = POINTS / (notes.dpi() > 0 ? notes.dpi() : SCREEN_DPI);
    add("%s 0 0 %s 0 %s cm", number(scale), number(-scale), number(height * scale));
  }

  @Override
  public void color(int rgb) {
    String parts =
        number((rgb >> 16 & 0xFF) / 255.0)
            + " "
            + number((rgb >> 8 & 0xFF) / 255.0)
            + " "
            + number((rgb & 0xFF) / 255.0);
    add("%s rg %s RG", parts, parts);
  }

  @Override
  public void fill(double x, double y, double wide, double high) {
    add("%s %s %s %s re f", number(x), number(y), number(wide), number(high));
  }

  @Override
  public void frame(double x, double y, double wide, double high) {
    add("1 w %s %s %s %s re S", number(x + 0.5), number(y + 0.5), number(wide), number(high));
  }

  @Override
  public void image(Picture picture, int x, int y) {
    byte[] samples = picture.convert(ColorMode.RGB).toBytes();
    place(samples, picture.width(), picture.height(), x, y, picture.width(), picture.height());
  }

  private void place(
      byte[] samples, int wide, int high, double x, double y, double shownWide, double shownHigh) {
    byte[] packed = deflated(samples);
    String head =
        "<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n"
            .formatted(wide, high, packed.length);
    images.add(joined(latin(head), packed, latin("\nendstream")));
    add(
        "q %s 0 0 %s %s %s cm /I%d Do Q",
        number(shownWide), number(-shownHigh), number(x), number(y + shownHigh), images.size());
  }

  @Override
  public void text(String line, double x, double baseline, double size, double measured) {
    if (line.isBlank()) {
      return;
    }
    // The minus of numbers is no letter of the encoding; the dash has its width.
    String plain = line.replace('\u2212', '\u2013');
    CharsetEncoder encoder = Charset.forName("windows-1252").newEncoder();
    if (!encoder.canEncode(plain)) {
      drawn(line, x, baseline, size, measured);
      return;
    }
    byte[] codes = plain.getBytes(Charset.forName("windows-1252"));
    StringBuilder hex = new StringBuilder();
    double natural = 0;
    for (byte code : codes) {
      hex.append(String.format(Locale.ROOT, "%02X", code & 0xFF));
      int letter = (code & 0xFF) - ' ';
      natural += letter >= 0 && letter < WIDTHS.length ? WIDTHS[letter] : OTHER_WIDTH;
    }
    double stretch = 100 * measured / (natural * size / 1000);
    add(
        "BT /F1 %s Tf %s Tz 1 0 0 -1 %s %s Tm <%s> Tj ET",
        number(size), number(stretch), number(x), number(baseline), hex);
  }

  private void drawn(String text, double x, double baseline, double size, double measured) {
    int wide = Math.max(1, (int) Math.ceil(measured * FINE));
    int high = Math.max(1, (int) Math.ceil(size * 1.3 * FINE));
    Picture line = letters.drawn(text, size * FINE, wide, high, size * FINE);
    byte[] samples = line.convert(ColorMode.RGB).toBytes();
    place(samples, wide, high, x, baseline - size, (double) wide / FINE, (double) high / FINE);
  }

  private void add(String form, Object... values) {
    content.append(String.format(Locale.ROOT, form, values)).append('\n');
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.4f", value);
    return text.replaceAll("\\.?0+$", "").replaceAll("^-$|^$", "0");
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] deflated(byte[] content) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(content);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /** A text of the file's information, in UTF-16. */
  private static String told(String text) {
    StringBuilder hex = new StringBuilder("<FEFF");
    for (byte b : text.getBytes(StandardCharsets.UTF_16BE)) {
      hex.append(String.format(Locale.ROOT, "%02X", b & 0xFF));
    }
    return hex.append('>').toString();
  }

  /** {@return the file} */
  public byte[] toBytes() {
    List<byte[]> objects = new ArrayList<>();
    objects.add(latin("<< /Type /Catalog /Pages 2 0 R >>"));
    objects.add(latin("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"));
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < images.size(); i++) {
      names.append("/I%d %d 0 R ".formatted(i + 1, FIRST_IMAGE + i + 1));
    }
    objects.add(
        latin(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> /XObject << %s>> >> >>"
                .formatted(number(width * scale), number(height * scale), names)));
    objects.add(
        latin("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"));
    byte[] packed = deflated(latin(content.toString()));
    objects.add(
        joined(
            latin("<< /Filter /FlateDecode /Length %d >>\nstream\n".formatted(packed.length)),
            packed,
            latin("\nendstream")));
    StringBuilder info = new StringBuilder("<< ");
    notes.text("Software").ifPresent(text -> info.append("/Creator ").append(told(text)));
    notes.text("Command").ifPresent(text -> info.append(" /Keywords ").append(told(text)));
    notes.text("Description").ifPresent(text -> info.append(" /Subject ").append(told(text)));
    objects.add(latin(info.append(" >>").toString()));
    objects.addAll(images);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(latin("%PDF-1.4\n%\u00E2\u00E3\u00CF\u00D3\n"));
    StringBuilder table = new StringBuilder("0000000000 65535 f \n");
    for (int i = 0; i < objects.size(); i++) {
      table.append(String.format(Locale.ROOT, "%010d 00000 n \n", out.size()));
      out.writeBytes(latin((i + 1) + " 0 obj\n"));
      out.writeBytes(objects.get(i));
      out.writeBytes(latin("\nendobj\n"));
    }
    int start = out.size();
    out.writeBytes(
        latin(
            "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
                .formatted(objects.size() + 1, table, objects.size() + 1, FIRST_IMAGE, start)));
    return out.toByteArray();
  }
}
