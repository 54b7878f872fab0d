package dev.keralens.keras.recurrent;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Value;
import dev.keralens.keras.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gated recurrent unit: of Cho et al., 2014. The gates' columns are update, reset, candidate. The
 * reset gate acts on the state's product with the recurrent kernel ({@code reset_after}), which
 * then has a bias of its own, or on the state before it.
 */
final class GruCell implements RecurrentCell {
  private final RecurrentWeights weights;
  private final GraphBuilder graph;
  private final int units;
  private final boolean after;
  private final @Nullable Weight inputBias;
  private final @Nullable Weight recurrentBias;

  GruCell(RecurrentWeights weights) {
    this.weights = weights;
    this.graph = weights.layer().graph();
    this.units = weights.recurrentKernel().shape()[0];
    Weight bias = weights.bias();
    if (bias != null && bias.rank() == 2) {
      this.after = true;
      this.inputBias = row(bias, 0);
      this.recurrentBias = row(bias, 1);
    } else {
      this.after = bias == null && weights.layer().config().flag("reset_after", false);
      this.inputBias = bias;
      this.recurrentBias = null;
    }
  }

  private static Weight row(Weight bias, int row) {
    return bias.map("row" + row, new int[] {bias.shape()[1]}, tensor -> tensor.row(row));
  }

  @Override
  public int states() {
    return 1;
  }

  @Override
  public Value prepare(Value sequence) {
    return weights.project(sequence, inputBias);
  }

  @Override
  public Step step(Value x, List<@Nullable Value> states) {
    Value h = states.get(0);
    Value recurrent = after ? recurrent(h) : null;
    Value gates = columns(x, 0, 2 * units);
    if (recurrent != null) {
      gates = graph.add(gates, columns(recurrent, 0, 2 * units));
    } else if (!after && h != null) {
      gates = graph.add(gates, graph.matMul(h, kernelColumns(0, 2 * units)));
    }
    gates = weights.activate("recurrent_activation", gates);
    Value update = columns(gates, 0, units);
    Value reset = columns(gates, units, 2 * units);
    Value candidate = columns(x, 2 * units, 3 * units);
    if (recurrent != null) {
      Value inner = columns(recurrent, 2 * units, 3 * units);
      candidate = graph.add(candidate, graph.mul(reset, inner));
    } else if (!after && h != null) {
      Value product = graph.matMul(graph.mul(reset, h), kernelColumns(2 * units, 3 * units));
      candidate = graph.add(candidate, product);
    }
    candidate = weights.activate("activation", candidate);
    Value fresh = graph.mul(graph.sub(graph.scalar(1), update), candidate);
    Value next = h == null ? fresh : graph.add(graph.mul(update, h), fresh);
    return new Step(next, List.of(next));
  }

  /** The state's product with the recurrent kernel, and its bias; null where both are zero. */
  private @Nullable Value recurrent(@Nullable Value h) {
    Value product = h == null ? null : graph.matMul(h, weights.recurrentKernel().value());
    if (recurrentBias == null) {
      return product;
    }
    return product == null ? recurrentBias.value() : graph.add(product, recurrentBias.value());
  }

  private Value columns(Value x, int from, int to) {
    return graph.slice(x, new int[] {x.rank() - 1}, new int[] {from}, new int[] {to});
  }

  private Value kernelColumns(int from, int to) {
    return weights
        .recurrentKernel()
        .map(
            "columns" + from + "to" + to,
            new int[] {units, to - from},
            tensor -> tensor.transpose(1, 0).rows(from, to).transpose(1, 0))
        .value();
  }
}
