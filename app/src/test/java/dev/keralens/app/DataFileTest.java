package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of numbers that are no NumPy arrays: tables, sound, volumes. */
class DataFileTest {
  @TempDir private Path folder;

  /** An input of these sizes; -1 is open. */
  private static InputSpec spec(int... sizes) {
    List<@Nullable Integer> all = new ArrayList<>();
    for (int size : sizes) {
      all.add(size < 0 ? null : Integer.valueOf(size));
    }
    return new InputSpec("x", ElementType.FLOAT32, all);
  }

  private static String failure(Path file, InputSpec spec) {
    IOException e = assertThrows(IOException.class, () -> DataFile.read(file, spec));
    return String.valueOf(e.getMessage());
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void table_isAnExampleARowOrAStepARow() throws IOException {
    Path file = text("t.csv", "age,\"debt, net\"\n1,2.5\n-3e1,4\n.5,6\n");
    DataFile rows = DataFile.read(file, spec(2));
    assertArrayEquals(new int[] {3, 2}, rows.x().shape());
    assertArrayEquals(new float[] {1, 2.5f, -30, 4, .5f, 6}, rows.x().toFloatArray());
    assertEquals(List.of("age", "debt, net"), rows.labels());
    DataFile steps = DataFile.read(text("s.tsv", "1\t2\n3\t4\n"), spec(-1, 2));
    assertArrayEquals(new int[] {1, 2, 2}, steps.x().shape());
    assertEquals(List.of(), steps.labels());
  }

  @Test
  void table_saysWhereItHoldsNoNumber() throws IOException {
    String decimal = failure(text("a.csv", "a;b\n1;2\n1,5;3\n"), spec(2));
    assertTrue(
        decimal.endsWith(
            "line 3, column 1: '1,5' is no number (a point before the decimals, as in 0.5)."),
        decimal);
    String ragged = failure(text("b.csv", "1,2\n1,2,3\n"), spec(2));
    assertTrue(ragged.endsWith("line 2: 3 cells, but 2 in the lines before."), ragged);
    assertThrows(IOException.class, () -> DataFile.read(text("c.csv", "a,b\n"), spec(2)));
    assertThrows(IOException.class, () -> DataFile.read(text("d.csv", "1,2\n"), spec(8, 8, 3)));
  }

  private Path wav(int channels, int bits, int... samples) throws IOException {
    int size = bits / 8;
    ByteBuffer wav = ByteBuffer.allocate(44 + samples.length * size).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + samples.length * size);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1);
    wav.putShort((short) channels).putInt(8000).putInt(8000 * channels * size);
    wav.putShort((short) (channels * size)).putShort((short) bits);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(samples.length * size);
    for (int sample : samples) {
      for (int i = 0; i < size; i++) {
        wav.put((byte) (sample >> (8 * i)));
      }
    }
    return Files.write(folder.resolve("s" + channels + bits + ".wav"), wav.array());
  }

  @Test
  void sound_isSamplesOfMinusOneToOne() throws IOException {
    DataFile mono = DataFile.read(wav(1, 16, 0, 16384, -32768), spec(3));
    assertArrayEquals(new int[] {1, 3}, mono.x().shape());
    assertArrayEquals(new float[] {0, .5f, -1}, mono.x().toFloatArray());
    assertEquals(8000, mono.rate());
    DataFile stereo = DataFile.read(wav(2, 24, 0, 1 << 22, -(1 << 23), 1 << 21), spec(-1, 2));
    assertArrayEquals(new int[] {1, 2, 2}, stereo.x().shape());
    assertArrayEquals(new float[] {0, .5f, -1, .25f}, stereo.x().toFloatArray());
    DataFile bytes = DataFile.read(wav(1, 8, 128, 192, 0), spec(3, 1));
    assertArrayEquals(new float[] {0, .5f, -1}, bytes.x().toFloatArray());
    String refused = failure(wav(2, 16, 1, 2), spec(-1, 1));
    assertTrue(
        refused.contains("sound of 2 channels, but the model takes x (None, None, 1)"), refused);
  }

  private byte[] nifti(ByteOrder order, int code, short[] axes, byte[] data) {
    ByteBuffer file = ByteBuffer.allocate(352 + data.length).order(order);
    file.putInt(0, 348).putShort(40, (short) axes.length);
    for (int i = 0; i < axes.length; i++) {
      file.putShort(42 + 2 * i, axes[i]);
    }
    file.putShort(70, (short) code).putFloat(108, 352).putFloat(112, 2).putFloat(116, 1);
    file.put(344, (byte) 'n').put(345, (byte) '+').put(346, (byte) '1');
    file.position(352);
    file.put(data);
    return file.array();
  }

  @Test
  void nifti_hasItsFirstAxisFirst() throws IOException {
    byte[] data = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    byte[] file = nifti(ByteOrder.BIG_ENDIAN, 2, new short[] {2, 3, 2, 1}, data);
    Path zipped = folder.resolve("v.nii.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(file);
    }
    DataFile volume = DataFile.read(zipped, spec(2, 3, 2, 1));
    assertArrayEquals(new int[] {1, 2, 3, 2, 1}, volume.x().shape());
    for (int x = 0; x < 2; x++) {
      for (int y = 0; y < 3; y++) {
        for (int z = 0; z < 2; z++) {
          assertEquals(2f * (x + 2 * y + 6 * z) + 1, volume.x().get(0, x, y, z, 0));
        }
      }
    }
    Path plain = Files.write(folder.resolve("v.nii"), file);
    assertArrayEquals(
        volume.x().toFloatArray(), DataFile.read(plain, spec(2, 3, 2)).x().toFloatArray());
    assertThrows(IOException.class, () -> DataFile.read(plain, spec(6, 2)));
  }

  @Test
  void damagedFiles_areRefusedInOneWay() throws IOException {
    byte[] volume = nifti(ByteOrder.LITTLE_ENDIAN, 16, new short[] {2, 2, 2}, new byte[32]);
    byte[] sound = Files.readAllBytes(wav(1, 16, 1, 2, 3, 4));
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      boolean isVolume = i % 2 == 0;
      byte[] changed = (isVolume ? volume : sound).clone();
      for (int k = random.nextInt(4); k >= 0; k--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      ByteArrayOutputStream part = new ByteArrayOutputStream();
      part.write(
          changed, 0, random.nextBoolean() ? changed.length : random.nextInt(changed.length));
      Path file = folder.resolve(isVolume ? "f.nii" : "f.wav");
      Files.write(file, part.toByteArray());
      try {
        DataFile.read(file, isVolume ? spec(2, 2, 2) : spec(-1));
      } catch (IOException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isBlank());
      }
    }
  }
}
