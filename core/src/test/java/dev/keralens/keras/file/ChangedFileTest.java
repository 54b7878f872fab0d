package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.ExplainOptions;
import dev.keralens.LoadOptions;
import dev.keralens.Model;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Another program changes a model's file at any time: what comes out is what the file had when it
 * was opened, or the documented exception, and never another number.
 */
class ChangedFileTest {
  private static final int TRIES = Integer.getInteger("keralens.changes", 3);

  /** More than a file that is held in memory. */
  private static final int LARGE = 17 << 20;

  @TempDir Path folder;

  /**
   * A model in a folder: what is loaded, and the file with the weights, as it is and as it becomes.
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Subject(Path model, Path weights, LoadOptions options, byte[] old, byte[] other) {
    Model load() throws IOException {
      return Model.load(model, options);
    }

    void restore() throws IOException {
      Files.deleteIfExists(weights);
      Files.write(weights, old);
      // As a file that has lain there for a while: no times need to be waited for.
      Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000_000_123L));
    }
  }

  /** What another program does. */
  private enum Change {
    OVERWRITTEN {
      @Override
      void make(Subject subject) throws IOException {
        FileTime time = Files.getLastModifiedTime(subject.weights);
        try (FileChannel out = FileChannel.open(subject.weights, StandardOpenOption.WRITE)) {
          out.write(ByteBuffer.wrap(subject.other), 0);
        }
        Files.setLastModifiedTime(subject.weights, time);
      }
    },
    SAVED {
      @Override
      void make(Subject subject) throws IOException {
        Files.write(subject.weights, subject.other);
      }
    },
    CUT {
      @Override
      void make(Subject subject) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(subject.weights.toFile(), "rw")) {
          file.setLength(100);
        }
      }
    },
    REPLACED {
      @Override
      void make(Subject subject) throws IOException {
        Path beside = subject.weights.resolveSibling("beside");
        Files.write(beside, subject.other);
        Files.move(beside, subject.weights, StandardCopyOption.REPLACE_EXISTING);
      }
    },
    DELETED {
      @Override
      void make(Subject subject) throws IOException {
        Files.deleteIfExists(subject.weights);
      }
    };

    abstract void make(Subject subject) throws IOException;
  }

  static Stream<String> files() {
    return Stream.of(
        "images.keras",
        "images.h5",
        "images.weights.h5",
        "dense.weights.h5",
        "dense.onnx",
        "images_unpacked",
        "images_saved_model",
        "images_checkpoint.index");
  }

  private static final String DENSE =
      """
      {"module": "keras", "class_name": "Sequential", "config": {"name": "dense", "layers": [
        {"module": "keras.layers", "class_name": "InputLayer", "config":
          {"batch_shape": [null, %1$d], "dtype": "float32", "name": "input"}},
        {"module": "keras.layers", "class_name": "Dense", "config":
          {"name": "dense", "units": %1$d, "activation": "linear", "use_bias": true}}]}}
      """;

  /** A dense layer, of Keras or of ONNX, whose kernel alone is too large to be held. */
  private Subject dense(String name, boolean large) throws IOException {
    int units = large ? 2100 : 30;
    Path in = Files.createDirectories(folder.resolve(name + large));
    List<byte[]> versions = new ArrayList<>();
    for (float scale : new float[] {1, 2}) {
      float[][] kernel = new float[units][units];
      for (int i = 0; i < units; i++) {
        for (int j = 0; j < units; j++) {
          kernel[i][j] = scale * ((i + 3 * j) % 11 - 4);
        }
      }
      Path file = in.resolve(scale + name);
      if (name.endsWith(".onnx")) {
        float[] flat = new float[units * units];
        for (int i = 0; i < units; i++) {
          System.arraycopy(kernel[i], 0, flat, i * units, units);
        }
        GraphBuilder b = new GraphBuilder();
        Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, units));
        Value y = b.matMul(x, b.constant("kernel", Constant.of(Tensor.of(flat, units, units))));
        OnnxWriter.write(b.build(List.of(y)), file);
      } else {
        try (WritableHdfFile hdf = HdfFile.write(file)) {
          WritableGroup vars = hdf.putGroup("layers").putGroup("dense").putGroup("vars");
          vars.putDataset("0", kernel);
          vars.putDataset("1", new float[units]);
        }
      }
      versions.add(Files.readAllBytes(file));
    }
    Path weights = in.resolve(name);
    Path model = weights;
    LoadOptions options = LoadOptions.defaults();
    if (!name.endsWith(".onnx")) {
      options = options.withWeights(weights);
      model = Files.writeString(in.resolve("dense.json"), DENSE.formatted(units));
    }
    Subject subject = new Subject(model, weights, options, versions.get(0), versions.get(1));
    subject.restore();
    return subject;
  }

  private Subject subject(String name, boolean large) throws IOException {
    if (name.startsWith("dense")) {
      return dense(name, large);
    }
    boolean older = name.contains("saved_model") || name.contains("checkpoint");
    String version = older ? "2.15.0" : "3.15.1";
    Path unpacked = Files.createDirectories(folder.resolve(name + large));
    Golden.unpack(Golden.resource("golden/keras-" + version + "-images.zip"), unpacked);
    Path model = unpacked.resolve(name);
    Path weights =
        switch (name) {
          case "images_unpacked" -> model.resolve("model.weights.h5");
          case "images_saved_model" -> model.resolve("variables/variables.data-00000-of-00001");
          case "images_checkpoint.index" ->
              unpacked.resolve("images_checkpoint.data-00000-of-00001");
          default -> model;
        };
    LoadOptions options = LoadOptions.defaults();
    if (name.equals("images.weights.h5") || name.equals("images_checkpoint.index")) {
      options = options.withWeights(model);
      model = unpacked.resolve("images.json");
    }
    byte[] file = Files.readAllBytes(weights);
    byte[] old = name.endsWith(".keras") ? archive(file, false, large) : padded(file, large);
    byte[] other =
        name.endsWith(".keras") ? archive(file, true, large) : padded(changed(file), large);
    assertEquals(old.length, other.length);
    assertFalse(Arrays.equals(old, other));
    Subject subject = new Subject(model, weights, options, old, other);
    subject.restore();
    return subject;
  }

  private static byte[] padded(byte[] file, boolean large) {
    return large ? Arrays.copyOf(file, LARGE) : file;
  }

  /** The file with other weights: every number from 0.001 to 100 that looks like one is doubled. */
  private static byte[] changed(byte[] file) {
    byte[] changed = file.clone();
    ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at + 4 <= changed.length; at += 4) {
      float number = Math.abs(bytes.getFloat(at));
      if (number > 1e-3f && number < 100) {
        bytes.putFloat(at, 2 * bytes.getFloat(at));
      }
    }
    return changed;
  }

  private static byte[] archive(byte[] file, boolean changed, boolean large) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(file));
        ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] content = in.readAllBytes();
        boolean weights = entry.getName().endsWith(".h5");
        store(out, entry.getName(), weights && changed ? changed(content) : content);
      }
      if (large) {
        store(out, "assets/rest", new byte[LARGE]);
      }
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream out, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 sum = new CRC32();
    sum.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }

  private static float[] predict(Model model, int batch) {
    List<Tensor> inputs = new ArrayList<>();
    for (var input : model.inputs()) {
      int[] sizes = input.shape().sizes();
      sizes[0] = batch;
      float[] numbers = new float[(int) Tensor.elements(sizes)];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = (i % 17) / 16f;
      }
      inputs.add(Tensor.of(numbers, sizes));
    }
    return model
        .predict(inputs, ExplainOptions.defaults().withBatchSize(batch))
        .get(0)
        .toFloatArray();
  }

  @ParameterizedTest
  @MethodSource("files")
  void smallFile_isAsItWas(String name) throws IOException {
    Subject subject = subject(name, false);
    float[] expected;
    try (Model model = subject.load()) {
      expected = predict(model, 1);
    }
    for (Change change : Change.values()) {
      subject.restore();
      try (Model model = subject.load()) {
        change.make(subject);
        assertArrayEquals(expected, predict(model, 1), change::name);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void largeFile_isAsItWasOrRefused(String name) throws IOException {
    Subject subject = subject(name, true);
    float[] expected;
    float[] expectedMore;
    try (Model model = subject.load()) {
      expected = predict(model, 1);
      expectedMore = predict(model, 32);
    }
    for (Change change : Change.values()) {
      subject.restore();
      try (Model model = subject.load()) {
        change.make(subject);
        try {
          assertArrayEquals(expected, predict(model, 1), change::name);
          assertFalse(name.startsWith("dense"), "the kernel is too large to be held");
        } catch (InvalidModelException e) {
          assertTrue(
              String.valueOf(e.getMessage()).contains("has changed since it was opened"),
              () -> change + ": " + e.getMessage());
        }
      }
      subject.restore();
      try (Model model = subject.load()) {
        assertArrayEquals(expected, predict(model, 1), change::name);
        change.make(subject);
        assertArrayEquals(expected, predict(model, 1), change::name);
        // The form for batches is made after some runs, and reads the weights once more.
        try {
          for (int i = 0; i < 5; i++) {
            assertArrayEquals(expectedMore, predict(model, 32), 1e-4f, change::name);
          }
        } catch (InvalidModelException e) {
          assertTrue(String.valueOf(e.getMessage()).contains("has changed"), e::getMessage);
        }
      }
    }
  }

  /** The change comes while the model is loaded, or while it is used first. */
  @ParameterizedTest
  @MethodSource("files")
  void file_thatChangesMeanwhile(String name) throws Exception {
    for (boolean large : new boolean[] {false, true}) {
      Subject subject = subject(name, large);
      float[] before;
      float[] after = {};
      try (Model model = subject.load()) {
        before = predict(model, 1);
      }
      if (Files.isRegularFile(subject.model) || !name.contains("saved_model")) {
        Change.SAVED.make(subject);
        try (Model model = subject.load()) {
          after = predict(model, 1);
          assertFalse(Arrays.equals(before, after));
        } catch (InvalidModelException e) {
          assertTrue(name.contains("checkpoint"), e::getMessage);
        }
      }
      Random random = new Random(7);
      for (int i = 0; i < TRIES * Change.values().length; i++) {
        Change change = Change.values()[i % Change.values().length];
        subject.restore();
        race(subject, change, random.nextInt(large ? 60_000 : 6_000), before, after);
      }
    }
  }

  private static void race(
      Subject subject, Change change, int microseconds, float[] before, float[] after)
      throws InterruptedException {
    Thread other =
        new Thread(
            () -> {
              try {
                long end = System.nanoTime() + microseconds * 1000L;
                while (System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
                change.make(subject);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    other.start();
    try (Model model = subject.load()) {
      float[] found = predict(model, 1);
      assertTrue(
          Arrays.equals(before, found) || Arrays.equals(after, found),
          () -> change + " after " + microseconds + " us: neither the old nor the new numbers");
    } catch (InvalidModelException | UnsupportedModelException | IOException e) {
      // As documented.
    } finally {
      other.join();
    }
  }

  @Test
  void interruptedReader_readsOn() throws IOException {
    Subject subject = subject("images.h5", true);
    try (Model model = subject.load()) {
      Thread.currentThread().interrupt();
      float[] kernel =
          model.network().graph().constants().values().stream()
              .filter(constant -> !constant.isHeld())
              .findFirst()
              .orElseThrow()
              .tensor()
              .toFloatArray();
      assertTrue(Thread.interrupted());
      assertTrue(kernel.length > 0);
    }
  }
}
