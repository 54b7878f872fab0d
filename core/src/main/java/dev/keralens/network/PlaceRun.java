package dev.keralens.network;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs along an axis: axes of an input's places, the outermost first, or parts of them.
 *
 * @param parts whole axes, or parts of them
 * @param order in which order their places lie
 */
record PlaceRun(List<Part> parts, Order order) {
  /** What is not of the input's places, as channels. */
  private static final int OTHER = -1;

  /**
   * A whole axis, or a part of it: where rows are cut into windows, one axis holds the windows (the
   * outer part), another the places within a window (the inner part).
   *
   * @param axis the axis of the input, in the graph; {@link #OTHER} for what is none
   * @param cut how it was cut: 0 for each outer part that it is of, 1 for each inner one
   * @param size how many places it has
   */
  record Part(int axis, String cut, int size) {
    boolean isInner() {
      return cut.indexOf('1') >= 0;
    }

    boolean isOuterHalfOf(Part inner) {
      return axis == inner.axis
          && axis != OTHER
          && cut.endsWith("0")
          && inner.cut.equals(cut.substring(0, cut.length() - 1) + "1");
    }
  }

  /** In which order, to the input's. */
  enum Order {
    /** As the input's places lie, as far as it is known. */
    ALIKE,
    /** Turned around. */
    BACKWARD,
    /** In another one. */
    MIXED,
    /** Several meet. */
    OPEN
  }

  static final PlaceRun UNKNOWN = new PlaceRun(List.of(), Order.ALIKE);
  private static final PlaceRun OPEN = new PlaceRun(List.of(), Order.OPEN);
  private static final PlaceRun MIXED = new PlaceRun(List.of(), Order.MIXED);

  static PlaceRun along(int axis, int size) {
    return new PlaceRun(List.of(new Part(axis, "", size)), Order.ALIKE);
  }

  boolean isBackward() {
    return order == Order.BACKWARD;
  }

  /** Whether it is known that the places do not lie in the input's order. */
  boolean isMixed() {
    if (order == Order.MIXED) {
      return true;
    }
    int[] axes = places().mapToInt(Part::axis).toArray();
    boolean ascending = IntStream.range(1, axes.length).allMatch(i -> axes[i] > axes[i - 1]);
    return !ascending || places().anyMatch(Part::isInner);
  }

  /** The axes of the input that run along it, the outermost first. */
  int[] axes() {
    return places().mapToInt(Part::axis).toArray();
  }

  /** The axis of the input that runs along it, where it is one and all of it. */
  OptionalInt wholeAxis() {
    return order == Order.ALIKE
            && parts.size() == 1
            && parts.get(0).axis() != OTHER
            && parts.get(0).cut().isEmpty()
        ? OptionalInt.of(parts.get(0).axis())
        : OptionalInt.empty();
  }

  private Stream<Part> places() {
    return parts.stream().filter(part -> part.axis() != OTHER);
  }

  /** What runs along an axis that two values share. */
  PlaceRun with(PlaceRun other) {
    if (other.equals(UNKNOWN)) {
      return this;
    } else if (equals(UNKNOWN)) {
      return other;
    }
    return isAlike(other) ? this : OPEN;
  }

  private boolean isAlike(PlaceRun other) {
    return order == other.order
        && places()
            .map(part -> part.axis() + part.cut())
            .toList()
            .equals(other.places().map(part -> part.axis() + part.cut()).toList());
  }

  PlaceRun backward() {
    return switch (order) {
      case ALIKE -> new PlaceRun(parts, Order.BACKWARD);
      case BACKWARD -> new PlaceRun(parts, Order.ALIKE);
      case MIXED, OPEN -> this;
    };
  }

  /** With another number of places: sizes no longer say how the parts divide it. */
  PlaceRun resized() {
    return places().count() == 1 && parts.size() > 1
        ? new PlaceRun(places().toList(), order)
        : this;
  }

  /** Places that are picked out by their numbers. */
  PlaceRun taken(long[] index) {
    if (equals(UNKNOWN) && index.length < 2) {
      return this;
    }
    long falls = IntStream.range(1, index.length).filter(i -> index[i] < index[i - 1]).count();
    boolean down = IntStream.range(1, index.length).allMatch(i -> index[i] < index[i - 1]);
    if (down) {
      return backward();
    }
    // One fall is a roll: those of windowed attention are rolled back.
    return falls < 2 ? resized() : equals(UNKNOWN) ? this : MIXED;
  }

  /**
   * {@return what runs along each axis after a reshape}
   *
   * @param runs what ran along each axis before
   * @param before the sizes before
   * @param after the sizes after, of the same product
   */
  static PlaceRun[] dealt(PlaceRun[] runs, int[] before, int[] after) {
    PlaceRun[] to = new PlaceRun[after.length];
    Arrays.fill(to, UNKNOWN);
    int single = single(before);
    int target = single(after);
    if (single >= 0 && target >= 0) {
      to[target] = runs[single];
      return to;
    }
    boolean plain = Arrays.stream(runs).allMatch(run -> run.order == Order.ALIKE);
    if (!plain) {
      boolean mixed =
          Arrays.stream(runs).anyMatch(run -> run.order != Order.OPEN && !run.equals(UNKNOWN));
      Arrays.fill(to, mixed ? OPEN : UNKNOWN);
      return to;
    }
    if (Arrays.stream(runs).noneMatch(run -> run.places().findAny().isPresent())) {
      return to;
    }
    Deque<Part> parts = new ArrayDeque<>();
    for (int axis = 0; axis < runs.length; axis++) {
      parts.addAll(runs[axis].sized(before[axis]));
    }
    for (int axis = 0; axis < after.length; axis++) {
      List<Part> taken = taken(parts, after[axis]);
      if (taken == null) {
        Arrays.fill(to, MIXED);
        return to;
      }
      boolean places = taken.stream().anyMatch(part -> part.axis() != OTHER);
      to[axis] = places ? new PlaceRun(taken, Order.ALIKE) : UNKNOWN;
    }
    return to;
  }

  /** The one axis with several places, or the only one; -1 where there are more. */
  private static int single(int[] sizes) {
    int[] several = IntStream.range(0, sizes.length).filter(axis -> sizes[axis] != 1).toArray();
    return several.length == 1 ? several[0] : sizes.length == 1 ? 0 : -1;
  }

  /** Its parts, whose sizes have the axis' size as their product. */
  private List<Part> sized(int size) {
    if (parts.size() == 1) {
      return List.of(new Part(parts.get(0).axis(), parts.get(0).cut(), size));
    }
    long product = parts.stream().mapToLong(Part::size).reduce(1, Math::multiplyExact);
    return product == size && !parts.isEmpty() ? parts : List.of(new Part(OTHER, "", size));
  }

  /** The next parts of a size, the last one cut where it is larger; null where that is not so. */
  private static @Nullable List<Part> taken(Deque<Part> parts, int size) {
    List<Part> taken = new ArrayList<>();
    int open = size;
    while (open > 1) {
      Part next = parts.removeFirst();
      if (open % next.size() == 0) {
        open /= next.size();
        add(taken, next);
      } else if (next.size() % open == 0) {
        add(taken, new Part(next.axis(), next.cut() + "0", open));
        parts.addFirst(new Part(next.axis(), next.cut() + "1", next.size() / open));
        open = 1;
      } else {
        return null;
      }
    }
    return taken;
  }

  /** Adds a part, joined with the other half that it was cut from. */
  private static void add(List<Part> parts, Part part) {
    if (part.size() == 1) {
      return;
    }
    Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (last == null || !last.isOuterHalfOf(part)) {
      parts.add(part);
      return;
    }
    parts.remove(parts.size() - 1);
    String whole = part.cut().substring(0, part.cut().length() - 1);
    add(parts, new Part(part.axis(), whole, last.size() * part.size()));
  }
}
