package dev.keralens.onnx.read;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.Network;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Models with changed bytes give a network, or one of the documented exceptions, and never take
 * much time or memory.
 *
 * <p>{@code -Dkeralens.fuzz=N} makes N changes of each model; the default makes 18,000 in all.
 * {@code -Dkeralens.fuzz.seed=7} draws others.
 */
class OnnxFuzzTest {
  private static final int EACH = Integer.getInteger("keralens.fuzz", 2000);
  private static final long SEED = Long.getLong("keralens.fuzz.seed", 0);
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final long MOST_BYTES = 256L << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final List<String> MODELS =
      List.of(
          "class_token_13",
          "choice_13",
          "convolution_transposed_11",
          "external_data",
          "fixed_batch_11",
          "merged_batch_13",
          "recurrent_14",
          "resize_19",
          "shape_arithmetic_15");

  @TempDir private Path folder;

  @Test
  void open_changedBytes() throws IOException {
    for (String name : MODELS) {
      Path own = Files.createDirectory(folder.resolve(name));
      Path file = OnnxArchive.unpack(name, own).model();
      byte[] sound = Files.readAllBytes(file);
      for (int i = 0; i < EACH; i++) {
        long seed = (name.hashCode() + SEED) * 1_000_003 + i;
        Files.write(file, changed(sound, new Random(seed)));
        attempt(file, "%s, seed %d".formatted(name, seed));
      }
    }
  }

  private static void attempt(Path file, String what) throws IOException {
    long begin = System.nanoTime();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      Network network = OnnxReader.open(file).network();
      network.graph().constants().values().forEach(Constant::tensor);
    } catch (InvalidModelException | UnsupportedModelException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("model.onnx"), what + ": " + message);
    } catch (IllegalStateException e) {
      assertTrue(String.valueOf(e.getMessage()).startsWith("The size of input"), what + ": " + e);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    assertTrue(took.compareTo(LONGEST) < 0, what + " took " + took);
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes < MOST_BYTES, "%s took %d bytes".formatted(what, bytes));
  }

  /** Some bytes are changed, put in, taken out or copied elsewhere, or the end is cut off. */
  private static byte[] changed(byte[] sound, Random random) {
    byte[] bytes = sound.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(8)) {
        case 0 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = new byte[] {0, 1, -1, 127, -128}[random.nextInt(5)];
        case 3 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 4, 5 -> bytes[at] += (byte) (random.nextInt(5) - 2);
        case 6 -> {
          int length = Math.min(1 + random.nextInt(12), bytes.length - at);
          System.arraycopy(bytes, at, bytes, random.nextInt(bytes.length - length + 1), length);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
          System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }
}
