package dev.keralens.method;

import dev.keralens.explain.Formula;
import dev.keralens.explain.Info;
import dev.keralens.explain.Scene;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layer;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.Bias;
import dev.keralens.network.search.Channels;
import dev.keralens.network.search.PlaceTrail;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Full-Gradient (Srinivas and Fleuret, 2019, <a
 * href="https://arxiv.org/abs/1905.00780">arXiv:1905.00780</a>).
 *
 * <p>The gradient of a logit with respect to the input, times the input, and the gradient with
 * respect to every bias, times the bias, taken where the bias is added (equations 5 and 10):
 *
 * <pre>
 *   map = mean_c psi(x * ds/dx) + sum over biases b of mean_c psi(b * ds/d(sum that b is part of))
 * </pre>
 *
 * <p>where psi is by default the absolute value, scaled to [0, 1] in each channel; terms of inner
 * layers are resized to the input. Biases are the layers' own and what a normalization implies,
 * with its own epsilon. Without psi, the terms add up to the logit for a piecewise-linear network
 * (completeness, proposition 1): {@link #completeness}. The biases of layers without spatial axes
 * count there, but have no place on the map; nor have those inside attention, and of tokens of a
 * picture only if it is said how they lie.
 *
 * <p>Shapes: the input is (batch, height, width, channels), the maps (batch, height, width, k).
 *
 * <p>Differs from the paper: the mean over the channels of a term, not their sum. Differs from
 * keras-explainable: each unit has a map of its own; the gradient is taken where the bias is added,
 * before the layer's own activation; a normalization's own epsilon; layers without scale or shift,
 * and constants that are added (Rescaling, LayerNormalization), count as well.
 */
public final class FullGradients implements Formula {
  private final Filter psi;

  private FullGradients(Filter psi) {
    this.psi = psi;
  }

  /**
   * {@return the method with its default psi, the absolute value scaled to [0, 1] in each channel}
   */
  public static FullGradients create() {
    return new FullGradients(Filters::absoluteNormalize);
  }

  /**
   * {@return the method with another psi}
   *
   * @param filter what is applied to each channel of a term
   */
  public FullGradients psi(Filter filter) {
    return new FullGradients(filter);
  }

  @Override
  public Info info() {
    return Info.of("full_gradients", "Full-Gradient")
        .summary("input times gradient, and every bias times its gradient")
        .paper("Srinivas and Fleuret, 2019, https://arxiv.org/abs/1905.00780");
  }

  @Override
  public List<Value> differentiated(Scene scene) {
    List<Value> values = new ArrayList<>();
    values.add(scene.input().value());
    sites(scene).forEach(site -> values.add(site.sum()));
    return values;
  }

  /** The places that the target depends on. */
  private static List<Bias> sites(Scene scene) {
    Set<Value> needed = new HashSet<>(List.of(scene.target().value()));
    List<Node> nodes = scene.network().graph().nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).outputs().stream().anyMatch(needed::contains)) {
        nodes.get(i).inputs().stream().filter(v -> v != null).forEach(needed::add);
      }
    }
    return Bias.of(scene.network().graph()).stream()
        .filter(site -> needed.contains(site.sum()))
        .toList();
  }

  @Override
  public Value maps(Scene scene) {
    KerasTensor input = scene.input();
    Value x = scene.channelsFirst(input, input.value());
    Value gradient = scene.channelsFirst(input, scene.gradient(input.value()));
    Value map = term(scene, scene.times(gradient, x));
    int[] size = Arrays.copyOfRange(map.shape().sizes(), 1, map.rank());
    Map<Value, Layout> layouts = layouts(scene.network());
    PlaceTrail places = new PlaceTrail(scene.network().graph(), input);
    for (Bias site : sites(scene)) {
      Value product = placed(scene, site, layouts);
      if (product == null || product.rank() != x.rank()) {
        continue;
      }
      requireOrder(site, places, input, layouts);
      Value resized = Resizing.linear(scene.builder(), term(scene, product), size);
      map = scene.builder().add(map, resized);
    }
    return map;
  }

  private static void requireOrder(
      Bias site, PlaceTrail places, KerasTensor input, Map<Value, Layout> layouts) {
    Value sum = site.sum();
    boolean moved = input.layout() == Layout.CHANNELS_MOVED;
    Layout first = moved ? Layout.CHANNELS_MOVED : Layout.CHANNELS_FIRST;
    Layout layout = site.perChannel() ? first : layouts.getOrDefault(sum, Layout.PLAIN);
    if (sum.rank() < 3) {
      return;
    }
    Optional<String> why = places.contradiction(new KerasTensor(sum, layout));
    if (why.isPresent()) {
      throw new UnsupportedModelException(
          "Full-Gradient lays the maps of all layers over the input; that of '%s' does not lie as the input does: %s."
              .formatted(sum.name(), why.get()));
    }
  }

  /**
   * A bias times its gradient, (rows, channels, spatial axes...); null where its axes are not
   * known.
   */
  private static @Nullable Value placed(Scene scene, Bias site, Map<Value, Layout> layouts) {
    Value product = product(scene, site);
    if (site.perChannel()) {
      return product;
    }
    int[] shape = site.bias().shape();
    long varying = Arrays.stream(shape).filter(size -> size != 1).count();
    boolean last = varying == 1 && shape[shape.length - 1] != 1;
    int rows = Shape.BATCH * scene.units();
    int steps = product.shape().size(0) / rows;
    if (product.rank() == 2 && last && steps > 1) {
      // A dense layer on (batch, steps, features), which runs on (batch x steps, features).
      Shape apart = Shape.of(rows, steps, product.shape().size(1));
      product = scene.builder().reshape(product, apart);
    }
    Layout layout = layouts.get(site.sum());
    if (product.rank() < 3 || (varying > 1 && layout == null)) {
      return null;
    }
    if (layout != null && layout != Layout.PLAIN) {
      product = Channels.first(scene.builder(), product, layout);
    } else if (last || (varying != 1 && layout != null)) {
      product = Channels.first(scene.builder(), product, Layout.PLAIN);
    }
    return scene.overInput(product);
  }

  private static Value product(Scene scene, Bias site) {
    return scene.builder().mul(scene.gradient(site.sum()), site.value(scene.builder()));
  }

  private Value term(Scene scene, Value product) {
    int[] spatial = IntStream.range(2, product.rank()).toArray();
    Value filtered = psi.apply(scene.builder(), product, spatial);
    return scene.builder().reduceMean(filtered, false, 1);
  }

  /** Where the channels of each value lie, as far as the layers tell. */
  private static Map<Value, Layout> layouts(Network network) {
    Map<Value, Layout> layouts = new HashMap<>();
    network.inputs().forEach(tensor -> layouts.put(tensor.value(), tensor.layout()));
    for (Layer layer : network.layers()) {
      for (Layer.Call call : layer.calls()) {
        call.outputs().forEach(tensor -> layouts.put(tensor.value(), tensor.layout()));
      }
    }
    return layouts;
  }

  /**
   * Adds up all terms without psi: input times gradient and bias times gradient. For a network that
   * is piecewise linear, this is the logit.
   *
   * @param scene the graph, with the gradients that {@link #differentiated} asks for
   * @return float (k * batch): the sum of each unit
   */
  public static Value completeness(Scene scene) {
    GraphBuilder b = scene.builder();
    KerasTensor input = scene.input();
    Value total = sum(b, scene.times(scene.gradient(input.value()), input.value()));
    for (Bias site : sites(scene)) {
      total = b.add(total, sum(b, product(scene, site)));
    }
    return total;
  }

  private static Value sum(GraphBuilder b, Value term) {
    return b.reduceSum(term, false, IntStream.range(1, term.rank()).toArray());
  }
}
