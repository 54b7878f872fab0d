package dev.keralens.method;

import dev.keralens.filter.Filters;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.KerasTensor;
import dev.keralens.graph.Network;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.runtime.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs {@link ScoreCam}. */
final class ScoreCamRoutine implements Routine {
  /*
   * Three graphs. The first gives the masks, at the activation's size, and the units. The second takes
   * one image and some masks, and resizes and multiplies them inside; its batch is the masks. Scores
   * weight the small masks here, which are summed: resizing is linear, so that the sum is resized once,
   * by the third. Memory does not grow with the number of channels.
   */
  private static final int MASKS_AT_ONCE = 32;

  private final Setting setting;
  private final boolean paper;
  private final int maxChannels;
  private final CompiledGraph masking;
  private final CompiledGraph scoring;
  private final CompiledGraph finishing;
  private final int[] spatial;

  ScoreCamRoutine(Setting setting, boolean paper, int maxChannels) {
    this.setting = setting;
    this.paper = paper;
    this.maxChannels = maxChannels;
    if (setting.byPlace()) {
      throw new UnsupportedModelException(
          "Score-CAM takes units for each image, not for each place of an output that is a map.");
    }
    Embedded.requireReal(setting.network().graph(), input(), "Score-CAM masks");
    GraphBuilder builder = GraphBuilder.from(setting.network().graph());
    KerasTensor activation = Scene.activation(setting);
    Value first = Channels.first(builder, activation.value(), activation.layout());
    Value channels = Tokens.lay(builder, first, setting.tokens());
    this.spatial = Arrays.copyOfRange(channels.shape().sizes(), 2, channels.rank());
    if (spatial.length != input().places().length) {
      throw new UnsupportedModelException(
          "Score-CAM lays the explained activation over the input as masks, but '%s' %s has not the spatial axes of the input %s."
              .formatted(activation.value().name(), activation.shape(), input().shape()));
    }
    this.masking = masking(builder, channels);
    this.scoring = scoring();
    this.finishing = finishing();
  }

  private CompiledGraph masking(GraphBuilder b, Value channels) {
    Target target = Target.add(b, setting, Target.input(b, setting));
    Value masks =
        paper
            ? channels
            : Filters.normalize(b, channels, IntStream.range(2, channels.rank()).toArray());
    return CompiledGraph.compile(
        b.build(List.of(masks, target.units(), target.scores(), target.outputs())),
        setting.runtime());
  }

  private CompiledGraph scoring() {
    Network network = setting.network();
    GraphBuilder b = new GraphBuilder();
    KerasTensor input = network.inputs().get(setting.input());
    List<Value> images = new ArrayList<>();
    for (KerasTensor tensor : network.inputs()) {
      Value value = tensor.value();
      images.add(b.input("image", value.type(), value.shape().with(0, 1)));
    }
    Value image = images.get(setting.input());
    int[] sizes = new int[spatial.length + 1];
    sizes[0] = Shape.BATCH;
    System.arraycopy(spatial, 0, sizes, 1, spatial.length);
    Value masks = b.input("masks", ElementType.FLOAT32, Shape.of(sizes));
    Value units = b.input("chosen", ElementType.INT64, Shape.of(setting.units()));
    Value resized = Resizing.linear(b, masks, input().places());
    if (paper) {
      resized = Filters.normalize(b, resized, IntStream.range(1, resized.rank()).toArray());
    }
    boolean channels = image.rank() > resized.rank();
    int channelAxis = input.layout().channelAxis(image.rank());
    Value masked = b.mul(image, channels ? b.unsqueeze(resized, channelAxis) : resized);
    Map<Value, Value> feeds = new HashMap<>();
    for (int i = 0; i < images.size(); i++) {
      Value other = images.get(i);
      Value given = i == setting.input() ? masked : repeated(b, other, masks);
      feeds.put(network.inputs().get(i).value(), given);
    }
    Map<Value, Value> copies = b.include(network.graph(), feeds);
    KerasTensor target = setting.target();
    Value output = copies.getOrDefault(target.value(), target.value());
    Value sums = Target.sums(b, new KerasTensor(output, target.layout()), setting);
    Value scores = b.node(Op.GATHER, Attributes.of("axis", 1), sums, units);
    return CompiledGraph.compile(b.build(List.of(scores)), setting.runtime());
  }

  /** An input that is not masked, once for each mask: it is added to zeros of their number. */
  private static Value repeated(GraphBuilder b, Value input, Value masks) {
    Value zeros = b.mul(b.slice(masks, new int[] {1}, new int[] {0}, new int[] {1}), 0);
    int[] axes = IntStream.range(1, masks.rank()).toArray();
    int[] ones = new int[input.rank()];
    Arrays.fill(ones, 1);
    ones[0] = Shape.BATCH;
    Value column = b.reshape(b.reduceSum(zeros, false, axes), Shape.of(ones));
    return b.add(b.cast(column, input.type()), input);
  }

  private CompiledGraph finishing() {
    GraphBuilder b = new GraphBuilder();
    int[] sizes = new int[spatial.length + 1];
    sizes[0] = Shape.BATCH * setting.units();
    System.arraycopy(spatial, 0, sizes, 1, spatial.length);
    Value small = b.input("maps", ElementType.FLOAT32, Shape.of(sizes));
    Value maps = Resizing.linear(b, small, input().places());
    return CompiledGraph.compile(b.build(GraphRoutine.finish(b, setting, maps)), setting.runtime());
  }

  private KerasTensor input() {
    return setting.network().inputs().get(setting.input());
  }

  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units) {
    List<Tensor> feeds = new ArrayList<>(inputs);
    if (units != null && !setting.highest()) {
      feeds.add(units);
    }
    List<Tensor> first = masking.run(feeds);
    Tensor masks = first.get(0);
    Tensor chosen = first.get(1);
    int images = inputs.get(0).size(0);
    int area = Arrays.stream(spatial).reduce(1, (a, b) -> a * b);
    float[] maps = new float[images * setting.units() * area];
    for (int image = 0; image < images; image++) {
      double[] sums = sums(rows(inputs, image), masks.row(image), chosen.row(image));
      for (int i = 0; i < sums.length; i++) {
        maps[image * sums.length + i] = (float) sums[i];
      }
    }
    int[] shape = new int[spatial.length + 1];
    shape[0] = images * setting.units();
    System.arraycopy(spatial, 0, shape, 1, spatial.length);
    List<Tensor> out = finishing.run(List.of(Tensor.of(maps, shape)));
    return List.of(
        new BatchMaps(out.get(0), first.get(2), first.get(3), chosen, out.get(1), out.get(2)));
  }

  private static List<Tensor> rows(List<Tensor> inputs, int image) {
    return inputs.stream().map(input -> input.rows(image, image + 1)).toList();
  }

  /** The weighted sum of an image's masks for each unit: (k, places). */
  private double[] sums(List<Tensor> image, Tensor masks, Tensor units) {
    int area = Arrays.stream(spatial).reduce(1, (a, b) -> a * b);
    float[] all = masks.toFloatArray();
    int[] channels = channels(all, area);
    float[][] scores = new float[channels.length][];
    for (int from = 0; from < channels.length; from += MASKS_AT_ONCE) {
      int count = Math.min(MASKS_AT_ONCE, channels.length - from);
      float[] some = new float[count * area];
      for (int i = 0; i < count; i++) {
        System.arraycopy(all, channels[from + i] * area, some, i * area, area);
      }
      float[] part = scores(image, some, count, units).toFloatArray();
      for (int i = 0; i < count; i++) {
        scores[from + i] =
            Arrays.copyOfRange(part, i * part.length / count, (i + 1) * part.length / count);
      }
    }
    double[] sums = new double[setting.units() * area];
    for (int unit = 0; unit < setting.units(); unit++) {
      double[] weights = weights(scores, unit);
      for (int c = 0; c < channels.length; c++) {
        for (int i = 0; i < area; i++) {
          sums[unit * area + i] += weights[c] * all[channels[c] * area + i];
        }
      }
    }
    return sums;
  }

  private Tensor scores(List<Tensor> image, float[] masks, int count, Tensor units) {
    int[] shape = new int[spatial.length + 1];
    shape[0] = count;
    System.arraycopy(spatial, 0, shape, 1, spatial.length);
    List<Tensor> feeds = new ArrayList<>(image);
    feeds.add(Tensor.of(masks, shape));
    feeds.add(units);
    return scoring.run(feeds).get(0);
  }

  /**
   * The scores of a unit; in the paper's form, their softmax (the baseline's score cancels in it).
   */
  private double[] weights(float[][] scores, int unit) {
    double[] weights = new double[scores.length];
    Arrays.setAll(weights, c -> scores[c][unit]);
    if (paper && weights.length > 0) {
      double highest = Arrays.stream(weights).max().getAsDouble();
      Arrays.setAll(weights, c -> Math.exp(weights[c] - highest));
      double sum = Arrays.stream(weights).sum();
      Arrays.setAll(weights, c -> weights[c] / sum);
    }
    return weights;
  }

  /**
   * The channels that are not constant, at most so many as wanted, those of the highest variance.
   */
  private int[] channels(float[] masks, int area) {
    int count = masks.length / area;
    double[] variances = new double[count];
    for (int c = 0; c < count; c++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < area; i++) {
        double value = masks[c * area + i];
        mean += value / area;
        square += value * value / area;
      }
      float first = masks[c * area];
      int from = c * area;
      boolean constant = IntStream.range(from, from + area).allMatch(i -> masks[i] == first);
      variances[c] = constant ? -1 : Math.max(0, square - mean * mean);
    }
    return IntStream.range(0, count)
        .filter(c -> variances[c] >= 0)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> -variances[c]))
        .limit(maxChannels)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Override
  public void close() {
    masking.close();
    scoring.close();
    finishing.close();
  }
}
