package dev.keralens.network;

import dev.keralens.graph.Shape;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a model says about one of its inputs.
 *
 * @param name the input's name
 * @param type the type of its elements
 * @param sizes the size of each axis after the batch's, as the model shows them; null where the
 *     model leaves one open
 */
public record InputSpec(String name, ElementType type, List<@Nullable Integer> sizes) {
  /**
   * Takes an unmodifiable copy.
   *
   * @param name the name
   * @param type the type of its elements
   * @param sizes the size of each axis after the batch's
   */
  public InputSpec {
    sizes = Collections.unmodifiableList(new ArrayList<>(sizes));
  }

  /** {@return whether every size is known} */
  public boolean isFixed() {
    return sizes.stream().allMatch(size -> size != null);
  }

  /**
   * {@return the shape for any batch}
   *
   * @throws IllegalStateException if the model leaves a size open
   */
  public Shape shape() {
    int[] out = new int[sizes.size() + 1];
    out[0] = Shape.BATCH;
    for (int axis = 1; axis < out.length; axis++) {
      Integer size = sizes.get(axis - 1);
      if (size == null) {
        throw new IllegalStateException("The size of input %s is open.".formatted(this));
      }
      out[axis] = size;
    }
    return Shape.of(out);
  }

  /**
   * {@return the name and the sizes as Keras prints them, such as {@code x (None, 224, 224, 3)}}
   */
  @Override
  public String toString() {
    return sizes.stream()
        .map(size -> size == null ? "None" : size.toString())
        .collect(Collectors.joining(", ", name + " (None, ", ")"));
  }
}
