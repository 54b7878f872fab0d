package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of every format with bytes changed, cut off or moved: only the two documented exceptions,
 * in bounded memory and time. {@code -Dkeralens.fuzz=10000} sets the number of changed files for
 * each test.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class FuzzTest {
  private static final int COUNT = Integer.getInteger("keralens.fuzz", 200);
  private static final long SEED = Long.getLong("keralens.fuzz.seed", 1);
  private static final long MAX_BYTES = 128L << 20;
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final long[] EDGES = {
    0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffffL, 0xffffffffL, 1L << 40, Long.MAX_VALUE
  };

  @TempDir Path folder;
  private long slowest;
  private long largest;

  @BeforeEach
  void unpack() throws IOException {
    Golden.unpack(Golden.resource("odd.zip"), folder);
    Golden.unpack(Golden.resource("golden/keras-2.12.0-nested.zip"), folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nested.keras",
        "nested.h5",
        "deflated.keras",
        "packed.h5",
        "latest_packed.h5",
        "ordered.h5"
      })
  void open_changedFile(String name) throws IOException {
    Path file = folder.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    repeat(
        random -> {
          Files.write(file, change(whole, random));
          Golden.readAll(KerasFile.open(file), new GoldenLayout());
        });
  }

  /** The archive's checksums hide its content from changes; here they are right again. */
  @ParameterizedTest
  @ValueSource(strings = {"model.weights.h5", "config.json", "metadata.json"})
  void open_changedEntryOfArchive(String entry) throws IOException {
    Path file = folder.resolve("nested.keras");
    Map<String, byte[]> entries = entries(file);
    byte[] whole = entries.getOrDefault(entry, new byte[0]);
    assertTrue(whole.length > 0);
    repeat(
        random -> {
          entries.put(entry, change(whole, random));
          Files.write(file, zip(entries));
          Golden.readAll(KerasFile.open(file), new GoldenLayout());
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keras_metadata.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001"
      })
  void open_changedFileOfSavedModel(String name) throws IOException {
    Path model = folder.resolve("nested_saved_model");
    Path file = model.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    repeat(
        random -> {
          Files.write(file, change(whole, random));
          Golden.readAll(KerasFile.open(model), new GoldenLayout());
        });
  }

  @ParameterizedTest
  @CsvSource({"nested_weights.h5", "nested.weights.h5", "nested.json"})
  void open_changedOneOfTwoFiles(String name) throws IOException {
    Path file = folder.resolve(name);
    Path json = folder.resolve("nested.json");
    Path weights = name.endsWith("json") ? folder.resolve("nested.weights.h5") : file;
    byte[] whole = Files.readAllBytes(file);
    repeat(
        random -> {
          Files.write(file, change(whole, random));
          Golden.readAll(KerasFile.open(json, weights), new GoldenLayout());
        });
  }

  @Test
  void read_changedObjectGraph() throws IOException {
    ModelFiles files = ModelFiles.in(folder.resolve("nested_saved_model"));
    ByteBuffer graph =
        Checkpoint.open("model", files, "variables/variables")
            .text("_CHECKPOINTABLE_OBJECT_GRAPH")
            .orElseThrow();
    byte[] whole = new byte[graph.remaining()];
    graph.get(whole);
    repeat(
        random -> {
          ObjectGraph objects = ObjectGraph.read("model", ByteBuffer.wrap(change(whole, random)));
          int keys = 0;
          for (int i = 0; i < 50; i++) {
            keys += objects.child(i, "layer-1").flatMap(objects::key).isPresent() ? 1 : 0;
          }
          assertTrue(keys <= 50);
        });
  }

  /** Something that reads a changed file. */
  private interface Attempt {
    void run(Random random) throws IOException;
  }

  private void repeat(Attempt attempt) {
    int accepted = 0;
    for (int i = 0; i < COUNT; i++) {
      long seed = SEED * 1_000_003 + i;
      long bytes = THREADS.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      try {
        attempt.run(new Random(seed));
        accepted++;
      } catch (InvalidModelException | UnsupportedModelException e) {
        assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), "seed " + seed);
      } catch (Throwable e) {
        fail("seed " + seed, e);
      }
      long took = System.nanoTime() - start;
      long used = THREADS.getCurrentThreadAllocatedBytes() - bytes;
      slowest = Math.max(slowest, took);
      largest = Math.max(largest, used);
      assertTrue(took < MAX_NANOS, "seed " + seed + " took " + took / 1e9 + " s");
      assertTrue(used < MAX_BYTES, "seed " + seed + " allocated " + used + " bytes");
    }
    assertTrue(accepted < COUNT);
    System.out.printf(
        "%d changed files, %d of them readable; at most %.0f ms and %.1f MB each%n",
        COUNT, accepted, slowest / 1e6, largest / 1e6);
  }

  /** One to four changes of different kinds. */
  private static byte[] change(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) random.nextInt();
        case 3 -> {
          int from = random.nextInt(bytes.length);
          int length = random.nextInt(Math.min(512, bytes.length - Math.max(at, from)));
          System.arraycopy(bytes, from, bytes, at, length);
        }
        case 4 -> {
          int length = 1 << random.nextInt(4);
          long edge = EDGES[random.nextInt(EDGES.length)];
          for (int i = 0; i < length && (at & -length) + i < bytes.length; i++) {
            bytes[(at & -length) + i] = (byte) (edge >>> (8 * i));
          }
        }
        default -> {
          int start = at & -8;
          if (start + 8 <= bytes.length) {
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(start, random.nextInt(bytes.length) & -8);
          }
        }
      }
    }
    return bytes;
  }

  private static Map<String, byte[]> entries(Path file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (InputStream in = Files.newInputStream(file);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(content.getKey());
        CRC32 sum = new CRC32();
        sum.update(content.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.getValue().length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    }
    return out.toByteArray();
  }
}
