package dev.keralens.picture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An image file format, told by the file's first bytes.
 *
 * <p>To add a format, add a row to {@link #FORMATS} and a file to {@code
 * parity/images/make_images.py}.
 *
 * @param name its name for people
 * @param offset where the magic bytes stand
 * @param magic the magic bytes, in Latin-1
 * @param decoder decodes it; null for a format that is known but not read
 * @param orientation finds how its decoded picture must be turned
 */
record ImageFormat(
    String name,
    int offset,
    String magic,
    @Nullable Decoder decoder,
    Function<byte[], Orientation> orientation) {
  /** Decodes a whole file. Exceptions' messages lack the file's name. */
  interface Decoder {
    Pixels decode(ImageBytes image) throws IOException;
  }

  ImageFormat(String name, int offset, String magic, @Nullable Decoder decoder) {
    this(name, offset, magic, decoder, file -> Orientation.UPRIGHT);
  }

  static final List<ImageFormat> FORMATS =
      List.of(
          new ImageFormat("JPEG", 0, "\u00ff\u00d8\u00ff", JpegDecoder::decode, Exif::ofJpeg),
          new ImageFormat("PNG", 0, "\u0089PNG\r\n\u001a\n", ImageDecoders::png, Exif::ofPng),
          new ImageFormat("GIF", 0, "GIF87a", GifDecoder::decode),
          new ImageFormat("GIF", 0, "GIF89a", GifDecoder::decode),
          new ImageFormat("BMP", 0, "BM", ImageDecoders::bmp),
          new ImageFormat("TIFF", 0, "II*\0", TiffDecoder::decode),
          new ImageFormat("TIFF", 0, "MM\0*", TiffDecoder::decode),
          new ImageFormat("WebP", 8, "WEBP", ImageDecoders::webp, Exif::ofWebp),
          new ImageFormat("BigTIFF", 0, "II+\0", null),
          new ImageFormat("BigTIFF", 0, "MM\0+", null),
          new ImageFormat("AVIF", 4, "ftypavif", null),
          new ImageFormat("HEIF", 4, "ftyp", null),
          new ImageFormat("JPEG 2000", 4, "jP  ", null),
          new ImageFormat("JPEG 2000", 0, "\u00ffO\u00ffQ", null),
          new ImageFormat("PGM or PPM", 0, "P2\n", null),
          new ImageFormat("PGM or PPM", 0, "P3\n", null),
          new ImageFormat("PGM or PPM", 0, "P5\n", null),
          new ImageFormat("PGM or PPM", 0, "P6\n", null),
          new ImageFormat("DICOM", 128, "DICM", null),
          new ImageFormat("OpenEXR", 0, "v/1\u0001", null),
          new ImageFormat("FITS", 0, "SIMPLE  =", null),
          new ImageFormat("Radiance HDR", 0, "#?RADIANCE", null),
          new ImageFormat("JPEG XL", 0, "\u00ff\n", null),
          new ImageFormat("Photoshop", 0, "8BPS", null),
          new ImageFormat("icon", 0, "\0\0\u0001\0", null),
          new ImageFormat("PDF", 0, "%PDF", null),
          new ImageFormat("SVG", 0, "<svg", null));

  /** What to do with a file of a format that is not read. */
  String advice() {
    return name.equals("DICOM")
        ? "make an array of it (in Python: numpy.save('scan.npy',"
            + " pydicom.dcmread('scan.dcm').pixel_array)), or NIfTI of a series (dcm2niix)"
        : "convert it to one of " + READABLE;
  }

  /** How many of a file's first bytes tell whether it is an image. */
  static final int HEAD = 12;

  /** What is read, for messages. */
  static final String READABLE = "JPEG, PNG, GIF, BMP, TIFF, WebP";

  /** The format of a file, or null if it is none of the known ones. */
  static @Nullable ImageFormat of(byte[] file) {
    for (ImageFormat format : FORMATS) {
      byte[] magic = format.magic.getBytes(StandardCharsets.ISO_8859_1);
      int end = format.offset + magic.length;
      if (file.length >= end && Arrays.equals(file, format.offset, end, magic, 0, magic.length)) {
        return format;
      }
    }
    return null;
  }

  /**
   * Whether a file is of a format that is read. Unlike {@link #of}, it does not take a text for a
   * BMP whose first letters are BM.
   *
   * @param head its first {@link #HEAD} bytes, or all
   */
  static boolean isReadable(byte[] head) {
    ImageFormat format = of(head);
    if (format == null || format.decoder == null) {
      return false;
    }
    byte[] reserved = head.length < 10 ? new byte[0] : Arrays.copyOfRange(head, 6, 10);
    return !format.name.equals("BMP") || Arrays.equals(reserved, new byte[4]);
  }
}
