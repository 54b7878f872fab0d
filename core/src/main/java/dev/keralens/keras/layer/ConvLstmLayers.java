package dev.keralens.keras.layer;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.Image;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.keras.recurrent.LstmCell;
import dev.keralens.keras.recurrent.RecurrentLayers;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Long short-term memory whose products are convolutions: of Shi et al., Convolutional LSTM
 * network, 2015.
 */
final class ConvLstmLayers {
  private ConvLstmLayers() {}

  public static List<KerasTensor> convLstm(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    KerasTensor input = RecurrentLayers.sequence(layer);
    Value x = layer.plain(input);
    int batch = x.shape().size(0);
    int time = x.shape().size(1);
    int[] folded = Arrays.copyOfRange(x.shape().sizes(), 1, x.rank());
    folded[0] = Math.multiplyExact(batch, time);
    KerasTensor frames = KerasTensor.plain(graph.reshape(x, Shape.of(folded)));
    Image image = layer.image(frames);
    Value gates = inputGates(layer, image);
    Shape sequence = gates.shape().with(0, time).insert(0, batch);
    List<Value> steps = RecurrentLayers.steps(graph, graph.reshape(gates, sequence));
    Weight recurrent = layer.weight("cell/recurrent_kernel");
    Value kernel = ConvolutionLayers.outputsFirst(recurrent).value();
    int[] ones = IntStream.generate(() -> 1).limit(image.spatialRank()).toArray();
    int[] sizes = Arrays.copyOfRange(gates.shape().sizes(), 2, gates.rank());
    int[] window = Arrays.copyOf(recurrent.shape(), image.spatialRank());
    WindowPadding same = WindowPadding.same(sizes, window, ones, ones);
    RecurrentLayers.Stepper stepper =
        (step, states) -> {
          Value h = states.get(0);
          Value sum =
              h == null ? step : graph.add(graph.node(Op.CONV, same.attributes(), h, kernel), step);
          return LstmCell.step(layer, sum, states.get(1), 1);
        };
    List<KerasTensor> results =
        new RecurrentLayers.Unrolled(layer, input, time).run(steps, channelsFirst(layer), stepper);
    return layer.isChannelsFirst() ? results : results.stream().map(r -> last(layer, r)).toList();
  }

  /** Initial states with their channels first. */
  private static List<@Nullable Value> channelsFirst(LayerCall layer) {
    List<@Nullable Value> states = new ArrayList<>();
    for (Value state : RecurrentLayers.initialStates(layer, 2)) {
      states.add(
          state == null || layer.isChannelsFirst()
              ? state
              : layer.graph().transpose(state, KerasTensor.channelsFirst(state.rank())));
    }
    return states;
  }

  private static Value inputGates(LayerCall layer, Image image) {
    Weight kernel = layer.weight("cell/kernel");
    int rank = image.spatialRank();
    WindowPadding window =
        WindowPadding.of(
            layer,
            image.sizes(),
            Arrays.copyOf(kernel.shape(), rank),
            layer.config().positives("strides", rank, 1),
            layer.config().positives("dilation_rate", rank, 1));
    Value weights = ConvolutionLayers.outputsFirst(kernel).value();
    return layer.config().flag("use_bias", true)
        ? layer
            .graph()
            .node(
                Op.CONV,
                window.attributes(),
                image.value(),
                weights,
                layer.weight("cell/bias").value())
        : layer.graph().node(Op.CONV, window.attributes(), image.value(), weights);
  }

  /** (.., channels, height, width) as (.., height, width, channels). */
  private static KerasTensor last(LayerCall layer, KerasTensor tensor) {
    int rank = tensor.value().rank();
    boolean sequence = rank == layer.inputs().get(0).value().rank();
    int channels = sequence ? 2 : 1;
    int[] order =
        IntStream.range(0, rank)
            .map(i -> i < channels ? i : i == rank - 1 ? channels : i + 1)
            .toArray();
    KerasTensor moved = KerasTensor.plain(layer.graph().transpose(tensor.value(), order));
    layer.setMask(moved, layer.mask(tensor));
    return moved;
  }
}
