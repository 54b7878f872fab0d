package dev.keralens.explain;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an {@link Ensemble} explains batches of one size. Used by several threads at once. */
public interface Plan {
  /**
   * Begins with a batch.
   *
   * @param batch the images, and what the network said of them as they are
   * @return the passes, which one thread asks for
   */
  Passes begin(Batch batch);

  /**
   * {@return whether the rows of the first pass begin with the images as they are, so that their
   * scores need no run of their own; by default they do not}
   */
  default boolean beginsWithImages() {
    return false;
  }

  /** {@return what becomes of the maps of all passes before the filter} */
  default Joining joining() {
    return Joining.NONE;
  }

  /**
   * What becomes of the maps of all passes before the filter.
   *
   * @param channels whether the maps still have the axes of the explained input, its channels among
   *     them, over which they are summed
   * @param places what they are resized to; null to leave them as they are
   */
  record Joining(boolean channels, @Nullable List<Integer> places) {
    /** They are maps already. */
    public static final Joining NONE = new Joining(false, null);

    /** They have the axes of the input; a place is the sum over its channels. */
    public static final Joining SUM_OF_CHANNELS = new Joining(true, null);

    /**
     * {@return they are resized}
     *
     * @param places the size of each spatial axis
     */
    public static Joining resized(int... places) {
      return new Joining(false, Arrays.stream(places).boxed().toList());
    }
  }
}
