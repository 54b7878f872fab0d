package dev.keralens.network;

import dev.keralens.graph.Shape;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a model says about one of its inputs. */
public final class InputSpec {
  private final String name;
  private final ElementType type;
  private final List<@Nullable Integer> sizes;

  /**
   * Takes an unmodifiable copy.
   *
   * @param name the name
   * @param type the type of its elements
   * @param sizes the size of each axis after the batch's
   */
  public InputSpec(String name, ElementType type, List<@Nullable Integer> sizes) {
    this.name = name;
    this.type = type;
    this.sizes = Collections.unmodifiableList(new ArrayList<>(sizes));
  }

  /** {@return the input's name} */
  public String name() {
    return name;
  }

  /** {@return the type of its elements} */
  public ElementType type() {
    return type;
  }

  /**
   * {@return the size of each axis after the batch's, as the model shows them; null where the model
   * leaves one open}
   */
  public List<@Nullable Integer> sizes() {
    return sizes;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof InputSpec that
        && name.equals(that.name)
        && type.equals(that.type)
        && sizes.equals(that.sizes);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type, sizes);
  }
}
