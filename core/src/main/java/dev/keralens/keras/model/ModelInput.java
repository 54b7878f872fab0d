package dev.keralens.keras.model;

import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a model says about one of its inputs.
 *
 * @param name the name of the input layer
 * @param type the type of the elements
 * @param sizes the size of each axis, the batch's first; null where the model leaves it open. Null
 *     instead of a list where the model does not even say the number of axes
 */
record ModelInput(String name, ElementType type, @Nullable List<@Nullable Integer> sizes) {
  /** {@return what the input is, for users; of unknown rank, it has no sizes} */
  InputSpec spec() {
    List<@Nullable Integer> open = new ArrayList<>();
    if (sizes != null) {
      open.addAll(sizes.subList(Math.min(1, sizes.size()), sizes.size()));
    }
    return new InputSpec(name, type, open);
  }

  /** {@return the shape for any batch, or null where a size beside the batch's is open} */
  @Nullable Shape shape() {
    if (sizes == null || sizes.isEmpty() || sizes.stream().skip(1).anyMatch(size -> size == null)) {
      return null;
    }
    int[] known = sizes.stream().mapToInt(size -> size == null ? 0 : size).toArray();
    known[0] = Shape.BATCH;
    return Shape.of(known);
  }

  /**
   * {@return whether a shape has the axes that the model says}
   *
   * @param shape a shape whose first axis is the batch
   */
  boolean hasRankOf(Shape shape) {
    return sizes == null || sizes.size() == shape.rank();
  }

  /** {@return the shape in words, open sizes as None} */
  String describe() {
    return sizes == null
        ? "of unknown shape"
        : sizes.stream()
            .map(size -> size == null ? "None" : String.valueOf(size))
            .collect(Collectors.joining(", ", "(", ")"));
  }
}
