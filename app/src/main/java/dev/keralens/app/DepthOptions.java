package dev.keralens.app;

import dev.keralens.applications.Preprocessing;
import dev.keralens.tensor.ElementType;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How 16-bit images reach the model. */
final class DepthOptions {
  @Option(
      names = "--depth",
      paramLabel = "BITS",
      description =
          "What numbers the model takes where --preprocess is none: 8, of 0 to 255 (16-bit images"
              + " keep their fractions); 16, of 0 to 65535, as stored. Default: 16 where the model"
              + " itself scales them so, else 8.")
  private @Nullable Integer depth;

  @Option(
      names = "--image-bits",
      paramLabel = "BITS",
      defaultValue = "16",
      description =
          "How many bits the numbers of 16-bit images use, 8 to 16: 12 where 4095 is white, as in"
              + " many scans (default: ${DEFAULT-VALUE}).")
  private int imageBits = 16;

  void check(@Nullable String preprocess) {
    if (depth != null && depth != 8 && depth != 16) {
      throw new UsageException("--depth is 8 or 16, got " + depth + ".");
    }
    if (imageBits < 8 || imageBits > 16) {
      throw new UsageException("--image-bits is 8 to 16, got " + imageBits + ".");
    }
    if (depth != null && depth == 16 && preprocess != null && !isNone(preprocess)) {
      throw new UsageException(
          "--depth 16 is for --preprocess none; --preprocess %s gives the same of 8 and 16 bits."
              .formatted(preprocess));
    }
  }

  private static boolean isNone(String preprocess) {
    return preprocess.equalsIgnoreCase("none");
  }

  /**
   * How images are read.
   *
   * @param pixels what the model gets
   * @param type what the model's input holds
   * @throws UsageException if the model gets other numbers than those that were asked for
   */
  Depth depth(Pixels pixels, ElementType type) {
    boolean takesAll = pixels.preprocessing() == Preprocessing.UINT16;
    if (isSixteen() && type != ElementType.FLOAT32) {
      throw new UsageException(
          "--depth 16: the model's input holds %s, not numbers of 0 to 65535.".formatted(type));
    }
    boolean chosen = takesAll && type == ElementType.FLOAT32 && (depth == null || isSixteen());
    boolean own = pixels.converter() != null;
    boolean raw = !own && (pixels.preprocessing() == Preprocessing.NONE || takesAll);
    return new Depth(chosen, imageBits, raw);
  }

  /** Refuses options that do nothing, since the input is an array. */
  void checkArray(Path array) {
    if (depth != null || imageBits != 16) {
      throw new UsageException(
          "--depth and --image-bits are for images; the array %s is used as it is."
              .formatted(array));
    }
  }

  /** Whether the user asked for numbers of 0 to 255. */
  boolean isEight() {
    return depth != null && depth == 8;
  }

  /** Whether the user asked for numbers of 0 to 65535. */
  boolean isSixteen() {
    return depth != null && depth == 16;
  }
}
