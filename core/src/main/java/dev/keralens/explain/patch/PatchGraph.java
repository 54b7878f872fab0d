package dev.keralens.explain.patch;

import dev.keralens.explain.patch.Geometry.Cut;
import dev.keralens.explain.patch.Reach.Span;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.graph.Window;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Dependencies;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network of one image with windows of its input replaced, of which only what a window reaches is
 * computed; the rest is that of the image as it is. Exact but for the order of sums.
 *
 * <p>Of each value, as many places are computed for each window; where an operator reads more than
 * was computed, such as a convolution at the edges, the places around are cut out of the value
 * without windows. Where a window reaches most of a value, or an operator reads all places, the
 * values are pasted into whole ones, and the rest of the network runs as ever.
 */
public final class PatchGraph {
  /** Values of which windows reach a larger part are whole: which of these is best, is tried. */
  private static final double[] LARGEST = {0.2, 0.35, 0.5, 0.65, 0.8};

  private final Network network;
  private final KerasTensor input;
  private final Value target;
  private final PatchPlan plan;
  private final Geometry geometry;
  private final Area windows;

  /** How many numbers are cut out of values. */
  private double cut;

  /** The values without windows that are read. */
  private final Set<Value> bases = new LinkedHashSet<>();

  private PatchGraph(
      Network network, KerasTensor input, Value target, PatchPlan plan, Area windows) {
    this.network = network;
    this.input = input;
    this.target = target;
    this.plan = plan;
    this.windows = windows;
    this.geometry = new Geometry(windows.x().low().size());
    dryRun();
  }

  /**
   * {@return how a network is computed in parts, if it can be}
   *
   * @param network the network; it has one input
   * @param target the value that is computed
   * @param sizes of each axis of places, how large a window is
   * @param strides how far it is from one to the next
   * @param counts how many there are
   * @param fewest whether the multiplications are to be the fewest, not the cost the least
   */
  public static Optional<PatchGraph> of(
      Network network, Value target, int[] sizes, int[] strides, int[] counts, boolean fewest) {
    KerasTensor input = network.inputs().get(0);
    int[] places = input.places();
    boolean fits =
        network.inputs().size() == 1
            && places.length == 2
            && input.value().rank() == 4
            && input.value().type() == ElementType.FLOAT32;
    if (!fits) {
      return Optional.empty();
    }
    int[] axes = Arrays.stream(input.placeAxes()).map(input::axisInGraph).toArray();
    boolean known = Arrays.equals(axes, new int[] {1, 2}) || Arrays.equals(axes, new int[] {2, 3});
    if (!known) {
      return Optional.empty();
    }
    Area windows =
        new Area(
            axes[0],
            axes[1],
            Reach.of(places[0], sizes[0], strides[0], counts[0]),
            Reach.of(places[1], sizes[1], strides[1], counts[1]));
    Set<Value> needed = Dependencies.of(network, KerasTensor.plain(target));
    return Arrays.stream(LARGEST)
        .mapToObj(
            part -> new PatchPlan(network.graph(), input.value(), windows, target, needed, part))
        .filter(plan -> plan.part(input.value()) != null && !plan.kinds().isEmpty())
        .map(plan -> new PatchGraph(network, input, target, plan, windows))
        .min(Comparator.comparingDouble(fewest ? PatchGraph::share : PatchGraph::cost));
  }

  /** {@return what a pass costs as a part of a full one, about} */
  public double cost() {
    return plan.cost(cut);
  }

  /** {@return the multiplications of a full pass for each number that is written} */
  public double density() {
    return plan.density();
  }

  /** {@return the multiplications of a pass, as a part of those of a full one} */
  public double share() {
    return plan.share();
  }

  /** {@return how many numbers say where a window lies} */
  public int length() {
    return geometry.length();
  }

  /**
   * Writes the numbers that say where a window lies.
   *
   * @param window its number, those of a row one after another
   * @param out where they are written, from {@code at}
   */
  public void write(int window, float[] out, int at) {
    geometry.write(window, out, at);
  }

  /**
   * Adds what is computed once of an image: the image beside what windows are filled with, then the
   * values that are read without windows; (places, channels) each.
   *
   * @param b the graph
   * @param image one image: (1, axes...)
   * @param filling what windows are filled with, which broadcasts to it
   * @return the values, in the order in which {@link #scores} takes them
   */
  public List<Value> bases(GraphBuilder b, Value image, Value filling) {
    Map<Value, Value> copies =
        b.include(network.graph(), Map.of(input.value(), image), new ArrayList<>(bases));
    List<Value> all = new ArrayList<>();
    Value filled = b.expand(filling, image.shape());
    all.add(b.concat(0, List.of(rows(b, image, windows), rows(b, filled, windows))));
    for (Value value : bases) {
      Value rows = rows(b, Objects.requireNonNull(copies.get(value)), part(value));
      int[] none = new int[2];
      int[] one = {1, 0};
      all.add(b.pad(b.pad(rows, none, one), none, one, -Float.MAX_VALUE));
    }
    return all;
  }

  /** A value of one image as (places, channels). */
  private static Value rows(GraphBuilder b, Value value, Area area) {
    Value last = area.isChannelsFirst() ? b.transpose(value, 0, 2, 3, 1) : value;
    int places = area.y().size() * area.x().size();
    return b.reshape(last, Shape.of(places, area.channels(value)));
  }

  /**
   * Adds the network.
   *
   * @param b the graph
   * @param image for each value of {@link #bases}, that of one image: (places, channels)
   * @param numbers where windows lie: float (rows, {@link #length})
   * @return the target: (rows, ...)
   */
  public Value scores(GraphBuilder b, List<Value> image, Value numbers) {
    Map<Value, Value> tables = new HashMap<>();
    int i = 1;
    for (Value value : bases) {
      tables.put(value, image.get(i++));
    }
    return new Builder(b, image.get(0), tables, numbers).target();
  }

  /** {@return the shapes of the values of {@link #bases} of one image} */
  public List<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>();
    int places = windows.y().size() * windows.x().size();
    shapes.add(Shape.of(2 * places, windows.channels(input.value())));
    for (Value value : bases) {
      Area area = Objects.requireNonNull(plan.part(value));
      shapes.add(Shape.of(area.y().size() * area.x().size() + 2, area.channels(value)));
    }
    return shapes;
  }

  /** Finds which values are read and what numbers there are. */
  private void dryRun() {
    geometry.offset(filled());
    plan.kinds()
        .forEach(
            (node, kind) -> {
              Cut cut = cut(node, kind);
              if (cut != null && !cut.isPart()) {
                read(node.input(0), cut);
              }
            });
    plan.pasted().forEach(value -> read(value, whole(value)));
  }

  private void read(Value value, Cut cut) {
    geometry.offset(cut);
    bases.add(value);
    this.cut += (double) cut.area() * part(value).channels(value);
  }

  /** The part of the input that is replaced, of what may be more. */
  private Cut filled() {
    Area part = part(input.value());
    return new Cut(
        windows.y().itself(), windows.x().itself(), part.y().span(), part.x().span(), false);
  }

  private Area part(Value value) {
    return Objects.requireNonNull(plan.part(value));
  }

  private Cut whole(Value value) {
    Area part = part(value);
    int count = part.y().low().size();
    return new Cut(
        part.y().span(),
        part.x().span(),
        Span.whole(part.y().size(), count),
        Span.whole(part.x().size(), part.x().low().size()),
        false);
  }

  /** What a node reads beyond what was computed; null where that is what was. */
  private @Nullable Cut cut(Node node, PatchRules.Kind kind) {
    if (kind != PatchRules.Kind.WINDOW && kind != PatchRules.Kind.PAD) {
      return null;
    }
    Area in = part(node.input(0));
    Area out = part(node.output());
    Span y = out.y().span();
    Span x = out.x().span();
    if (kind == PatchRules.Kind.PAD) {
      long[] pads = Objects.requireNonNull(PatchRules.pads(network.graph(), node));
      y = y.unshifted((int) pads[in.down()], in.y().size());
      x = x.unshifted((int) pads[in.across()], in.x().size());
    } else {
      Window w = Window.of(node);
      y = y.read(w, 0, in.y().size());
      x = x.read(w, 1, in.x().size());
    }
    return new Cut(in.y().span(), in.x().span(), y, x, node.op() == Op.MAX_POOL);
  }

  /** Adds the nodes. */
  private final class Builder {
    private final GraphBuilder b;
    private final Value pictures;
    private final Map<Value, Value> tables;
    private final Value numbers;
    private final Map<Cut, Value[]> places = new HashMap<>();
    private final Map<Value, Value> parts = new LinkedHashMap<>();

    Builder(GraphBuilder b, Value pictures, Map<Value, Value> tables, Value numbers) {
      this.b = b;
      this.pictures = pictures;
      this.tables = tables;
      this.numbers = b.cast(numbers, ElementType.INT64);
    }

    Value target() {
      parts.put(input.value(), replaced());
      plan.kinds().forEach(this::add);
      Map<Value, Value> feeds = new HashMap<>();
      for (Value value : plan.pasted()) {
        feeds.put(value, taken(value, whole(value)));
      }
      Graph graph = network.graph();
      return b.include(graph, feeds, List.of(target)).getOrDefault(target, target);
    }

    /** The places of a cut in the part, and in the value: int64 (rows, places) each. */
    private Value[] places(Cut cut) {
      return places.computeIfAbsent(
          cut,
          unused -> {
            int at = geometry.offset(cut);
            int area = cut.area();
            int[] axis = {1};
            return new Value[] {
              b.slice(numbers, axis, new int[] {at}, new int[] {at + area}),
              b.slice(numbers, axis, new int[] {at + area}, new int[] {at + 2 * area})
            };
          });
    }

    /** The input with windows that are filled. */
    private Value replaced() {
      Cut cut = filled();
      Value[] at = places(cut);
      Value filled = b.cast(b.node(Op.GREATER_OR_EQUAL, at[0], zero()), ElementType.INT64);
      int size = windows.y().size() * windows.x().size();
      Value second = b.mul(filled, b.scalar(size, ElementType.INT64));
      Value rows = b.node(Op.GATHER, Attributes.of("axis", 0), pictures, b.add(at[1], second));
      return arranged(input.value(), rows, cut);
    }

    private Value zero() {
      return b.scalar(0, ElementType.INT64);
    }

    /** (rows, places, channels) with the axes of a value. */
    private Value arranged(Value value, Value rows, Cut cut) {
      Area area = part(value);
      Value square =
          b.reshape(
              rows,
              Shape.of(Shape.BATCH, cut.y().length(), cut.x().length(), area.channels(value)));
      return area.isChannelsFirst() ? b.transpose(square, 0, 3, 1, 2) : square;
    }

    /** A cut of a value. */
    private Value taken(Value value, Cut cut) {
      Value part = Objects.requireNonNull(parts.get(value));
      if (cut.isPart()) {
        return part;
      }
      Area area = part(value);
      Value last = area.isChannelsFirst() ? b.transpose(part, 0, 2, 3, 1) : part;
      int own = cut.partY().length() * cut.partX().length();
      Value rows = b.reshape(last, Shape.of(Shape.BATCH, own, area.channels(value)));
      Value[] at = places(cut);
      Value inside = b.max(at[0], zero());
      Value computed =
          b.node(Op.GATHER_ND, Attributes.of("batch_dims", 1), rows, b.unsqueeze(inside, 2));
      Value around =
          b.node(
              Op.GATHER,
              Attributes.of("axis", 0),
              Objects.requireNonNull(tables.get(value)),
              at[1]);
      Value isComputed = b.unsqueeze(b.node(Op.GREATER_OR_EQUAL, at[0], zero()), 2);
      return arranged(value, b.where(isComputed, computed, around), cut);
    }

    private void add(Node node, PatchRules.Kind kind) {
      Cut cut = cut(node, kind);
      if (kind == PatchRules.Kind.PAD) {
        parts.put(node.output(), taken(node.input(0), Objects.requireNonNull(cut)));
        return;
      }
      Map<Value, Value> copies = constants(node);
      List<@Nullable Value> operands = new ArrayList<>();
      for (Value value : node.inputs()) {
        boolean first = operands.isEmpty();
        Value own = value == null ? null : parts.getOrDefault(value, copies.get(value));
        operands.add(first && cut != null ? taken(node.input(0), cut) : own);
      }
      Attributes attributes = node.attributes();
      if (kind == PatchRules.Kind.WINDOW) {
        attributes = attributes.with("pads", new int[4]).with("ceil_mode", 0);
        attributes = attributes.with("auto_pad", "NOTSET");
      }
      if (node.op() == Op.CONV) {
        attributes = node.attributes().with("pads", new int[4]).with("auto_pad", "NOTSET");
      }
      parts.put(node.output(), b.nodes(node.op(), attributes, 1, operands).get(0));
    }

    private Map<Value, Value> constants(Node node) {
      List<Value> fixed = new ArrayList<>();
      for (Value value : node.inputs()) {
        if (value != null && !parts.containsKey(value)) {
          fixed.add(value);
        }
      }
      return b.include(network.graph(), Map.of(), fixed);
    }
  }
}
