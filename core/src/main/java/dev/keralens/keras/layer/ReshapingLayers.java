package dev.keralens.keras.layer;

import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Layers that change the shape and keep the elements: here the order of axes is seen. */
final class ReshapingLayers {
  private ReshapingLayers() {}

  /** With {@code channels_first}, Keras moves the channels to the end before it flattens. */
  static KerasTensor flatten(LayerCall layer) {
    KerasTensor x = layer.input();
    Value value = layer.plain(x);
    int rank = value.rank();
    if (rank == 1) {
      return KerasTensor.plain(layer.graph().unsqueeze(value, 1));
    }
    if (rank > 2 && layer.isChannelsFirst()) {
      value = layer.graph().transpose(value, KerasTensor.channelsLast(rank));
    }
    int[] sizes = value.shape().sizes();
    int features = Arrays.stream(sizes).skip(1).reduce(1, Math::multiplyExact);
    return KerasTensor.plain(layer.graph().reshape(value, Shape.of(sizes[0], features)));
  }

  /** {@code target_shape} is without the batch; one size may be -1 and is computed. */
  static KerasTensor reshape(LayerCall layer) {
    Value value = layer.plain(layer.input());
    int[] target = layer.config().integers("target_shape");
    int elements = Arrays.stream(value.shape().sizes()).skip(1).reduce(1, Math::multiplyExact);
    int known = Arrays.stream(target).filter(size -> size != -1).reduce(1, Math::multiplyExact);
    long open = Arrays.stream(target).filter(size -> size == -1).count();
    if (open > 1
        || Arrays.stream(target).anyMatch(size -> size == 0 || size < -1)
        || (open == 0 ? known != elements : elements % known != 0)) {
      throw new IllegalArgumentException(
          "target_shape=%s does not fit input %s."
              .formatted(Arrays.toString(target), layer.input().shape()));
    }
    int[] sizes =
        IntStream.concat(
                IntStream.of(value.shape().size(0)),
                Arrays.stream(target).map(size -> size == -1 ? elements / known : size))
            .toArray();
    return KerasTensor.plain(layer.graph().reshape(value, Shape.of(sizes)));
  }

  /** {@code dims} counts the axes from 1: without the batch. */
  static KerasTensor permute(LayerCall layer) {
    Value value = layer.plain(layer.input());
    int[] dims = layer.config().integers("dims", value.rank() - 1);
    int[] axes = IntStream.concat(IntStream.of(0), Arrays.stream(dims)).toArray();
    return KerasTensor.plain(layer.graph().transpose(value, axes));
  }

  /** (batch, features) as (batch, n, features). */
  static KerasTensor repeatVector(LayerCall layer) {
    Value value = layer.input().value();
    int times = layer.config().positives("n", 1, 1)[0];
    Value column = layer.graph().unsqueeze(value, 1);
    return KerasTensor.plain(layer.graph().node(Op.TILE, column, layer.graph().ints(1, times, 1)));
  }
}
