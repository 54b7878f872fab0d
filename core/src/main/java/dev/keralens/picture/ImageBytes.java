package dev.keralens.picture;

import dev.keralens.file.RegularFile;
import dev.keralens.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * The content of an image file, its name for messages, and how many pixels it may have.
 *
 * @param content the whole file
 * @param name what messages call it
 * @param maxPixels the most pixels that are decoded
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ImageBytes(byte[] content, String name, long maxPixels) {
  /** What decoding takes at its peak: the decoder's samples, ours, and a copy of either. */
  private static final int BYTES_PER_PIXEL = 12;

  static ImageBytes read(Path file, long maxPixels) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    if (Files.isDirectory(file)) {
      throw new UnreadableImageException(file + " is a folder, not an image.");
    }
    RegularFile.check(file);
    try {
      return new ImageBytes(Files.readAllBytes(file), file.toString(), maxPixels);
    } catch (OutOfMemoryError e) {
      throw new UnreadableImageException(
          "%s has %d bytes, which do not fit into memory.".formatted(file, Files.size(file)), e);
    }
  }

  /** Decodes the file; every failure is an {@link UnreadableImageException} that names it. */
  Pixels decode() throws UnreadableImageException {
    ImageFormat format = ImageFormat.of(content);
    if (format == null) {
      throw new UnreadableImageException(
          "%s is not an image that can be read (%s)%s."
              .formatted(name, ImageFormat.READABLE, content.length == 0 ? ": it is empty" : ""));
    }
    if (format.decoder() == null) {
      throw new UnreadableImageException(
          "%s is a file of kind %s, which is not read; %s."
              .formatted(name, format.name(), format.advice()));
    }
    try {
      return format.decoder().decode(this);
    } catch (UnreadableImageException e) {
      throw new UnreadableImageException(
          "%s (%s) %s.".formatted(name, format.name(), Printable.reason(e)), e);
    } catch (IOException | RuntimeException e) {
      // ImageIO's decoders meet damaged files with all kinds of exceptions.
      throw new UnreadableImageException(
          "%s (%s) is damaged or cut off: %s".formatted(name, format.name(), reason(e)), e);
    }
  }

  /** How the decoded picture must be turned. */
  Orientation orientation() {
    ImageFormat format = ImageFormat.of(content);
    return format == null ? Orientation.UPRIGHT : format.orientation().apply(content);
  }

  private static String reason(Exception e) {
    Throwable cause = e;
    while (cause.getMessage() == null && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName() + "."
        : message.endsWith(".") ? message : message + ".";
  }

  /**
   * A reader of the format that stands before the file's first image, whose size has been checked.
   */
  ImageReader open(String format) throws IOException {
    ImageReader reader = Codecs.reader(format);
    reader.setInput(
        new MemoryCacheImageInputStream(new ByteArrayInputStream(content)), false, true);
    checkSize(reader.getWidth(0), reader.getHeight(0));
    return reader;
  }

  /** Refuses more pixels than allowed, or than fit into the memory that Java may take. */
  void checkSize(int width, int height) throws UnreadableImageException {
    long pixels = (long) width * height;
    if (width < 1 || height < 1) {
      throw new UnreadableImageException(
          "claims a size of %d x %d pixels"
              .formatted(Integer.toUnsignedLong(width), Integer.toUnsignedLong(height)));
    }
    if (pixels > maxPixels) {
      throw new UnreadableImageException(
          "claims %d x %d pixels; at most %d are read".formatted(width, height, maxPixels));
    }
    long needed = pixels * BYTES_PER_PIXEL;
    if (pixels > Integer.MAX_VALUE / 4 || needed > Runtime.getRuntime().maxMemory()) {
      throw new UnreadableImageException(
          "claims %d x %d pixels, which need %d MB of memory; Java may take %d MB (raise it with -Xmx)"
              .formatted(width, height, needed >> 20, Runtime.getRuntime().maxMemory() >> 20));
    }
  }

  int byteAt(int offset) {
    return content[offset] & 0xFF;
  }

  ByteBuffer buffer(ByteOrder order) {
    return ByteBuffer.wrap(content).order(order);
  }
}
