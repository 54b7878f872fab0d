package dev.keralens.app;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Sound of a .wav file, as samples of -1 to 1: PCM of 8 to 32 bits, or floats.
 *
 * <p>Read here, and not by {@code javax.sound}, which reads some damaged files for ever.
 */
final class SoundFile {
  private static final long MOST_BYTES = 1L << 30;
  private static final int CHUNK = 8;
  private static final int PCM = 1;
  private static final int FLOATS = 3;
  private static final int EXTENSIBLE = 0xFFFE;

  private SoundFile() {}

  /** What a file says of its samples. */
  private record Format(int kind, int channels, int rate, int bits) {
    boolean isRead() {
      boolean size = kind == FLOATS ? bits == 32 || bits == 64 : bits % 8 == 0 && bits <= 32;
      return (kind == PCM || kind == FLOATS) && channels > 0 && bits > 0 && rate > 0 && size;
    }
  }

  /**
   * Reads a file as one example, (1, samples) or (1, samples, channels), as the input takes it.
   *
   * @throws IOException if it cannot be read, or has other channels
   */
  static DataFile read(Path file, InputSpec spec) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is larger than 1 GB; take a part of it.");
    }
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (content.capacity() < 12
        || !"RIFF".equals(word(content, 0))
        || !"WAVE".equals(word(content, 8))) {
      throw new IOException(file + " is no .wav file.");
    }
    Format format = null;
    for (long at = 12; at + CHUNK <= content.capacity(); ) {
      String name = word(content, (int) at);
      long size = Integer.toUnsignedLong(content.getInt((int) at + 4));
      int start = (int) at + CHUNK;
      int end = (int) Math.min(content.capacity(), start + size);
      if (name.equals("fmt ") && end - start >= 16) {
        format = format(content, start, end);
      } else if (name.equals("data")) {
        if (format == null || !format.isRead()) {
          throw new IOException(
              "%s has samples of a kind that is not read (%s); save it as PCM of 16 bits."
                  .formatted(file, format == null ? "unknown" : format));
        }
        return of(content, start, end, format, spec, file);
      }
      at = start + size + size % 2;
    }
    throw new IOException(file + " holds no samples.");
  }

  private static String word(ByteBuffer content, int at) {
    byte[] letters = new byte[4];
    content.get(at, letters);
    return new String(letters, StandardCharsets.ISO_8859_1);
  }

  private static Format format(ByteBuffer content, int start, int end) {
    int kind = Short.toUnsignedInt(content.getShort(start));
    if (kind == EXTENSIBLE && end - start >= 26) {
      kind = Short.toUnsignedInt(content.getShort(start + 24));
    }
    return new Format(
        kind,
        Short.toUnsignedInt(content.getShort(start + 2)),
        content.getInt(start + 4),
        Short.toUnsignedInt(content.getShort(start + 14)));
  }

  private static DataFile of(
      ByteBuffer content, int start, int end, Format format, InputSpec spec, Path file)
      throws IOException {
    int size = format.bits() / Byte.SIZE;
    int channels = format.channels();
    int frames = (end - start) / size / channels;
    if (frames == 0) {
      throw new IOException(file + " holds no samples.");
    }
    float[] samples = new float[frames * channels];
    for (int i = 0; i < samples.length; i++) {
      int at = start + i * size;
      if (format.kind() == FLOATS) {
        samples[i] = size == 4 ? content.getFloat(at) : (float) content.getDouble(at);
      } else {
        samples[i] = whole(content, at, size);
      }
    }
    int axes = spec.sizes().size();
    Integer wanted = axes == 2 ? spec.sizes().get(1) : Integer.valueOf(1);
    if (axes < 1 || axes > 2 || (wanted != null && wanted != channels)) {
      throw new IOException(
          "%s is sound of %d %s, but the model takes %s."
              .formatted(file, channels, channels == 1 ? "channel" : "channels", spec));
    }
    Tensor x = axes == 1 ? Tensor.of(samples, 1, frames) : Tensor.of(samples, 1, frames, channels);
    return new DataFile(x, List.of(), format.rate());
  }

  /** A whole number of some bytes as a part of the largest; of one byte, 128 is silence. */
  private static float whole(ByteBuffer content, int at, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << Byte.SIZE | (content.get(at + i) & 0xFF);
    }
    long half = 1L << (size * Byte.SIZE - 1);
    long signed = size == 1 ? value - half : value >= half ? value - 2 * half : value;
    return (float) ((double) signed / half);
  }
}
