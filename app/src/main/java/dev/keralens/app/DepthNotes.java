package dev.keralens.app;

import dev.keralens.picture.DecodedImage;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.Set;

/** Collects which images have 16 bits, and says in a line each what became of their numbers. */
final class DepthNotes {
  /** Images that use fewer bits look nearly black. */
  private static final int DARK_BITS = 14;

  private final Depth depth;
  private final Group sixteen = new Group();
  private final Group eight = new Group();
  private final Group dark = new Group();
  private int usedBits;

  /** Whether there are images of 8 bits. */
  private boolean others;

  /** Some images, of which one is named. */
  private static final class Group {
    private final Set<String> names = new LinkedHashSet<>();

    /** Each image once, though some are read twice. */
    void add(String name) {
      names.add(name);
    }

    boolean isEmpty() {
      return names.isEmpty();
    }

    @Override
    public String toString() {
      String first = names.iterator().next();
      return names.size() == 1
          ? first + " has"
          : "%d images (%s, ...) have".formatted(names.size(), first);
    }
  }

  DepthNotes(Depth depth) {
    this.depth = depth;
  }

  /** Takes note of an image; by several threads. */
  synchronized void add(String name, DecodedImage image) {
    if (!image.isSixteenBit()) {
      others = true;
      if (depth.isSixteen()) {
        eight.add(name);
      }
      return;
    }
    sixteen.add(name);
    if (image.largest() > 0 && Math.min(depth.imageBits(), DARK_BITS) > image.usedBits()) {
      dark.add(name);
      usedBits = Math.max(usedBits, Math.max(10, image.usedBits()));
    }
  }

  synchronized void print(PrintWriter err) {
    if (!sixteen.isEmpty()) {
      err.printf("keralens: %s 16 bits: %s%n", sixteen, what());
    }
    if (sixteen.isEmpty() && others && depth.imageBits() != 16) {
      err.printf(
          "keralens: --image-bits %d had no effect: no image has 16 bits%n", depth.imageBits());
    }
    if (!dark.isEmpty() && !depth.isSixteen()) {
      err.printf(
          "keralens: %s no number above %d of 65535, which is nearly black; --image-bits %d makes"
              + " that white%n",
          dark, (1 << usedBits) - 1, usedBits);
    }
    if (!eight.isEmpty()) {
      err.printf("keralens: %s 8 bits: the numbers are multiplied by 257, to 0 to 65535%n", eight);
    }
    err.flush();
  }

  private String what() {
    int white = (1 << depth.imageBits()) - 1;
    if (depth.isSixteen()) {
      return depth.imageBits() == 16
          ? "the model gets 0 to 65535 as they are"
          : "0 to %d became 0 to 65535".formatted(white);
    }
    return depth.isRaw()
        ? "0 to %d became 0 to 255, with fractions; --depth 16 is for models trained on 0 to 65535"
            .formatted(white)
        : "0 to %d is taken for 0 to 255, with fractions".formatted(white);
  }
}
