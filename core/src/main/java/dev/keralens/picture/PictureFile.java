package dev.keralens.picture;

import dev.keralens.file.WholeFile;
import dev.keralens.text.Names;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Writes pictures. To add a format, add a row to {@link #FORMATS} and a case to {@code
 * PictureTest}.
 */
final class PictureFile {
  private static final float JPEG_QUALITY = 0.95f;

  private interface Encoder {
    void encode(Picture picture, OutputStream out, PictureNotes notes) throws IOException;
  }

  private static final SortedMap<String, Encoder> FORMATS =
      new TreeMap<>(
          Map.of("png", PictureFile::png, "jpg", PictureFile::jpeg, "jpeg", PictureFile::jpeg));

  private PictureFile() {}

  static void save(Picture picture, Path file, PictureNotes notes) throws IOException {
    String name = String.valueOf(file.getFileName());
    String format = name.substring(name.lastIndexOf('.') + 1);
    Encoder encoder = FORMATS.get(format.toLowerCase(Locale.ROOT));
    if (encoder == null) {
      throw new IllegalArgumentException(
          "Cannot tell the picture format of "
              + file
              + ": its name must end in .png, .jpg or .jpeg.");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("Cannot write " + file + ": there is no folder " + folder + ".");
    }
    if (Files.isDirectory(file)) {
      throw new IOException("Cannot write " + file + ": it is a folder.");
    }
    WholeFile.write(
        file,
        part -> {
          try (OutputStream out = Files.newOutputStream(part)) {
            encoder.encode(picture, out, notes);
          }
        });
  }

  static void write(Picture picture, OutputStream out, String format) throws IOException {
    Names.lookup(FORMATS, "picture format", format).encode(picture, out, PictureNotes.none());
  }

  private static void png(Picture picture, OutputStream out, PictureNotes notes)
      throws IOException {
    if (notes.isEmpty()) {
      encode(picture.toImage(), "png", -1, out);
      return;
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    encode(picture.toImage(), "png", -1, plain);
    out.write(notes.inPng(plain.toByteArray()));
  }

  private static void jpeg(Picture picture, OutputStream out, PictureNotes notes)
      throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    encode(Conversion.opaque(picture).toImage(), "jpeg", JPEG_QUALITY, plain);
    out.write(notes.isEmpty() ? plain.toByteArray() : notes.inJpeg(plain.toByteArray()));
  }

  private static void encode(BufferedImage image, String format, float quality, OutputStream out)
      throws IOException {
    ImageWriter writer = Codecs.writer(format);
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (quality >= 0) {
        param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        param.setCompressionQuality(quality);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
  }
}
