package dev.keralens.app;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/** Sound of a .wav file, as samples of -1 to 1. */
final class SoundFile {
  private static final long MOST_BYTES = 1L << 30;

  private SoundFile() {}

  /**
   * Reads a file as one example, (1, samples) or (1, samples, channels), as the input takes it.
   *
   * @throws IOException if it cannot be read, or has other channels
   */
  static DataFile read(Path file, InputSpec spec) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is larger than 1 GB; take a part of it.");
    }
    byte[] content = Files.readAllBytes(file);
    try (AudioInputStream in =
        AudioSystem.getAudioInputStream(new ByteArrayInputStream(content))) {
      AudioFormat format = in.getFormat();
      float[] samples = samples(in.readAllBytes(), format, file);
      int channels = format.getChannels();
      int frames = samples.length / channels;
      int axes = spec.sizes().size();
      Integer wanted = axes == 2 ? spec.sizes().get(1) : Integer.valueOf(1);
      if (axes < 1 || axes > 2 || (wanted != null && wanted != channels)) {
        throw new IOException(
            "%s is sound of %d %s, but the model takes %s."
                .formatted(file, channels, channels == 1 ? "channel" : "channels", spec));
      }
      Tensor x =
          axes == 1 ? Tensor.of(samples, 1, frames) : Tensor.of(samples, 1, frames, channels);
      return new DataFile(x, List.of(), format.getSampleRate());
    } catch (UnsupportedAudioFileException e) {
      throw new IOException(
          file + " is no .wav file that is read (PCM of 8 to 32 bits, or floats).", e);
    }
  }

  private static float[] samples(byte[] bytes, AudioFormat format, Path file) throws IOException {
    int size = format.getSampleSizeInBits() / Byte.SIZE;
    Encoding encoding = format.getEncoding();
    boolean floats = encoding.equals(Encoding.PCM_FLOAT);
    boolean unsigned = encoding.equals(Encoding.PCM_UNSIGNED);
    if (!(floats && (size == 4 || size == 8))
        && !((unsigned || encoding.equals(Encoding.PCM_SIGNED)) && size >= 1 && size <= 4)) {
      throw new IOException(
          "%s has samples of the kind %s, which are not read; save it as PCM of 16 bits."
              .formatted(file, format));
    }
    ByteBuffer buffer =
        ByteBuffer.wrap(bytes)
            .order(format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int count = bytes.length / size / format.getChannels() * format.getChannels();
    if (count == 0) {
      throw new IOException(file + " holds no samples.");
    }
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      int at = i * size;
      samples[i] =
          floats
              ? size == 4 ? buffer.getFloat(at) : (float) buffer.getDouble(at)
              : whole(bytes, at, size, format.isBigEndian(), unsigned);
    }
    return samples;
  }

  /** A whole number of some bytes, as a part of the largest. */
  private static float whole(byte[] bytes, int at, int size, boolean bigEndian, boolean unsigned) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      int place = at + (bigEndian ? i : size - 1 - i);
      value = value << Byte.SIZE | (bytes[place] & 0xFF);
    }
    long half = 1L << (size * Byte.SIZE - 1);
    long signed = unsigned ? value - half : value >= half ? value - 2 * half : value;
    return (float) ((double) signed / half);
  }
}
