package dev.keralens.network.search;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs along an axis: axes of an input's places, the outermost first, or parts of them.
 *
 * @param parts whole axes, or parts of them; empty where nothing is known
 */
record PlaceRun(List<Part> parts) {
  /** What is not of the input's places, as channels, or not known to be. */
  private static final int OTHER = -1;

  /** Places of the input in another order. */
  private static final int SHUFFLED = -2;

  /** Places in several orders at once. */
  private static final int SEVERAL = -3;

  /** What comes again beside itself, as at a seam, may be a quarter. */
  private static final double REPEATED = 1.25;

  static final PlaceRun UNKNOWN = new PlaceRun(List.of());

  /** Which way the places of a part follow one another, to the input's. */
  enum Way {
    AHEAD,
    BACK,
    /** Both at once, as where a picture and its mirror image are put together. */
    BOTH;

    Way turned() {
      return this == AHEAD ? BACK : this == BACK ? AHEAD : BOTH;
    }
  }

  /**
   * A whole axis, or a part of it: where rows are cut into windows, one axis holds the windows (the
   * outer part), another the places within a window (the inner part).
   *
   * @param axis the axis of the input, in the graph; negative for what is none
   * @param cut how it was cut: 0 for each outer part that it is of, 1 for each inner one
   * @param size how many places it has
   * @param way which way they follow one another
   * @param reach the stretch of the input's axis that it covers
   */
  record Part(int axis, String cut, int size, Way way, Reach reach) {
    boolean isPlaces() {
      return axis >= 0;
    }

    boolean isInner() {
      return isPlaces() && cut.indexOf('1') >= 0;
    }

    boolean tellsNothing() {
      return axis == OTHER && way == Way.AHEAD;
    }

    Part sized(int newSize) {
      return new Part(axis, cut, newSize, way, reach);
    }

    /** What it is cut into. */
    Part half(String which, int newSize) {
      return new Part(axis, cut + which, newSize, way, reach);
    }

    Part turned() {
      return new Part(axis, cut, size, way.turned(), reach);
    }

    Part reaching(Reach other) {
      return new Part(axis, cut, size, way, other);
    }

    boolean isLike(Part other) {
      return axis == other.axis && cut.equals(other.cut);
    }

    boolean isOuterHalfOf(Part inner) {
      return axis == inner.axis
          && axis != OTHER
          && way == inner.way
          && reach.equals(inner.reach)
          && cut.endsWith("0")
          && inner.cut.equals(cut.substring(0, cut.length() - 1) + "1");
    }
  }

  private static Part other(int axis, int size, Way way) {
    return new Part(axis, "", size, way, Reach.NONE);
  }

  private static PlaceRun of(int axis, int size) {
    return new PlaceRun(List.of(other(axis, size, Way.AHEAD)));
  }

  static PlaceRun along(int axis, int size) {
    return new PlaceRun(List.of(new Part(axis, "", size, Way.AHEAD, Reach.all(size))));
  }

  /** The one stretch of the input's axis that it covers; nothing where several or none run here. */
  Optional<Reach> reach() {
    List<Part> found = places().toList();
    return found.size() == 1 ? Optional.of(found.get(0).reach()) : Optional.empty();
  }

  /**
   * In no order, if it has more places of the input than the stretch that it covers.
   *
   * @param length how many it has, those that come again counted again
   */
  PlaceRun unlessRepeated(double length) {
    boolean repeated = reach().filter(reach -> length > REPEATED * reach.length()).isPresent();
    return repeated ? of(SHUFFLED, size()) : this;
  }

  /** With another stretch of the input's axis, where one runs along it. */
  PlaceRun reaching(UnaryOperator<Reach> change) {
    return places().count() == 1
        ? new PlaceRun(
            parts.stream()
                .map(part -> part.isPlaces() ? part.reaching(change.apply(part.reach())) : part)
                .toList())
        : this;
  }

  boolean isBackward() {
    return parts.stream().anyMatch(part -> part.way() == Way.BACK);
  }

  /** Whether it is known that the places do not lie in the input's order. */
  boolean isMixed() {
    int[] axes = axes();
    boolean ascending = IntStream.range(1, axes.length).allMatch(i -> axes[i] > axes[i - 1]);
    return !ascending || parts.stream().anyMatch(part -> part.axis() == SHUFFLED || part.isInner());
  }

  /** The axes of the input that run along it, the outermost first. */
  int[] axes() {
    return places().mapToInt(Part::axis).toArray();
  }

  /** The axis of the input that runs along it, where it is one and all of it. */
  OptionalInt wholeAxis() {
    return parts.size() == 1 && parts.get(0).isPlaces() && parts.get(0).cut().isEmpty()
        ? OptionalInt.of(parts.get(0).axis())
        : OptionalInt.empty();
  }

  private Stream<Part> places() {
    return parts.stream().filter(Part::isPlaces);
  }

  private boolean tellsNothing() {
    return parts.stream().allMatch(Part::tellsNothing);
  }

  private int size() {
    return parts.stream().mapToInt(Part::size).reduce(1, Math::multiplyExact);
  }

  /** What runs along an axis that two values share. */
  PlaceRun with(PlaceRun other) {
    if (other.tellsNothing()) {
      return this;
    } else if (tellsNothing()) {
      return other;
    }
    boolean alike =
        parts.size() == other.parts.size()
            && IntStream.range(0, parts.size())
                .allMatch(i -> parts.get(i).isLike(other.parts.get(i)));
    if (!alike) {
      return of(SEVERAL, size());
    }
    List<Part> both = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      Way way = part.way() == other.parts.get(i).way() ? part.way() : Way.BOTH;
      Reach reach = part.reach().with(other.parts.get(i).reach());
      both.add(new Part(part.axis(), part.cut(), part.size(), way, reach));
    }
    return new PlaceRun(both);
  }

  /**
   * Turned around.
   *
   * @param size how many places there are
   */
  PlaceRun backward(int size) {
    if (parts.isEmpty()) {
      return new PlaceRun(List.of(other(OTHER, size, Way.BACK)));
    }
    PlaceRun turned = new PlaceRun(parts.stream().map(Part::turned).toList());
    return turned.tellsNothing() ? UNKNOWN : turned;
  }

  /** With another number of places: sizes no longer say how the parts divide it. */
  PlaceRun resized() {
    List<Part> telling = parts.stream().filter(part -> !part.tellsNothing()).toList();
    return telling.size() == 1 ? new PlaceRun(telling) : this;
  }

  /** Places that are picked out by their numbers. */
  PlaceRun taken(long[] index) {
    long falls = IntStream.range(1, index.length).filter(i -> index[i] < index[i - 1]).count();
    if (index.length > 1 && falls == index.length - 1) {
      return backward(index.length);
    }
    // One fall is a roll: those of windowed attention are rolled back.
    boolean run = index.length > 0 && index[index.length - 1] - index[0] == index.length - 1;
    if (falls == 0 && run) {
      return reaching(reach -> reach.cut((double) index[0], index.length, size())).resized();
    }
    return falls < 2 ? resized() : tellsNothing() ? this : of(SHUFFLED, index.length);
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
    if (Arrays.stream(runs).allMatch(PlaceRun::tellsNothing)) {
      return to;
    }
    int single = single(before);
    int target = single(after);
    if (single >= 0 && target >= 0) {
      to[target] = runs[single];
      return to;
    }
    Deque<Part> parts = new ArrayDeque<>();
    for (int axis = 0; axis < runs.length; axis++) {
      parts.addAll(runs[axis].sized(before[axis]));
    }
    boolean several = parts.stream().anyMatch(part -> part.axis() == SEVERAL);
    for (int axis = 0; axis < after.length; axis++) {
      List<Part> taken = taken(parts, after[axis]);
      if (taken == null) {
        Arrays.fill(to, of(several ? SEVERAL : SHUFFLED, after[axis]));
        return to;
      }
      PlaceRun run = new PlaceRun(taken);
      to[axis] = run.tellsNothing() ? UNKNOWN : run;
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
      return List.of(parts.get(0).sized(size));
    }
    return size() == size && !parts.isEmpty() ? parts : List.of(other(OTHER, size, Way.AHEAD));
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
        add(taken, next.half("0", open));
        parts.addFirst(next.half("1", next.size() / open));
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
    add(parts, new Part(part.axis(), whole, last.size() * part.size(), part.way(), part.reach()));
  }
}
