package dev.keralens;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The size that maps come in. */
public sealed interface Resize {
  /** The size of the explained input. */
  record ToInput() implements Resize {}

  /** The size that the method gives: that of the explained activation, for CAM methods. */
  record None() implements Resize {}

  /**
   * A given size.
   *
   * @param sizes the size of each spatial axis
   */
  record To(List<Integer> sizes) implements Resize {
    /**
     * Checks the sizes.
     *
     * @param sizes the size of each spatial axis
     */
    public To {
      sizes = List.copyOf(sizes);
      if (sizes.isEmpty() || sizes.stream().anyMatch(size -> size < 1)) {
        throw new IllegalArgumentException("Maps cannot be resized to " + sizes + ".");
      }
    }
  }

  /** {@return the size of the explained input, the default} */
  static Resize toInput() {
    return new ToInput();
  }

  /** {@return the method's own size} */
  static Resize none() {
    return new None();
  }

  /**
   * {@return a given size}
   *
   * @param sizes the size of each spatial axis, such as height and width
   */
  static Resize to(int... sizes) {
    return new To(Arrays.stream(sizes).boxed().collect(Collectors.toList()));
  }
}
