package dev.keralens.keras.recurrent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.Argument;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.recurrent.RecurrentCell.Step;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers, unrolled: the graph has the nodes of a cell once for each step.
 *
 * <p>At a step that does not count (a mask) states and output stay what they were before it.
 */
public final class RecurrentLayers {
  /** Beyond this, the unrolled graph gets too large to compile in reasonable time. */
  private static final int MAX_STEPS = 4096;

  private RecurrentLayers() {}

  public static List<KerasTensor> lstm(LayerCall layer) {
    return run(layer, new LstmCell(RecurrentWeights.of(layer, "cell/")));
  }

  public static List<KerasTensor> gru(LayerCall layer) {
    return run(layer, new GruCell(RecurrentWeights.of(layer, "cell/")));
  }

  public static List<KerasTensor> simple(LayerCall layer) {
    return run(layer, new SimpleCell(RecurrentWeights.of(layer, "cell/")));
  }

  public static List<KerasTensor> rnn(LayerCall layer) {
    return run(layer, RecurrentCells.of(layer, "cell", cell(layer.config())));
  }

  /** {@return the weights of a layer that makes its cell itself} */
  public static List<WeightPart> weights(LayerConfig config) {
    return RecurrentCells.weights(config, "cell/");
  }

  public static List<WeightPart> rnnParts(LayerConfig config) {
    return List.of(new SubLayer("cell", cell(config)));
  }

  private static JsonNode cell(LayerConfig config) {
    return config.node("cell");
  }

  public static List<KerasTensor> run(LayerCall layer, RecurrentCell cell) {
    GraphBuilder graph = layer.graph();
    KerasTensor input = sequence(layer);
    Value sequence = layer.plain(input);
    if (sequence.rank() != 3) {
      throw new IllegalArgumentException(
          "it takes (batch, time, features), got %s.".formatted(input.shape()));
    }
    List<Value> steps = steps(graph, cell.prepare(sequence));
    return new Unrolled(layer, input, steps.size())
        .run(steps, initialStates(layer, cell.states()), cell::step);
  }

  /** The sequence itself; Keras 2 passes initial states beside it. */
  public static KerasTensor sequence(LayerCall layer) {
    if (layer.inputs().isEmpty()) {
      throw layer.invalid("it is called without a sequence.");
    }
    layer.refuseTraining();
    KerasTensor sequence = batchFirst(layer, layer.inputs().get(0));
    int steps = sequence.shape().size(1);
    if (steps > MAX_STEPS) {
      throw layer.unsupported(
          "a sequence of %d steps is too long; at most %d are unrolled."
              .formatted(steps, MAX_STEPS));
    }
    return sequence;
  }

  /** A sequence whose batch comes first, as all but those of {@code time_major=True} have it. */
  private static KerasTensor batchFirst(LayerCall layer, KerasTensor sequence) {
    if (!layer.config().flag("time_major", false)) {
      return sequence;
    }
    if (layer.maskArgument(sequence) != null) {
      throw layer.unsupported("a mask and time_major=True; put the batch first.");
    }
    return KerasTensor.plain(swapped(layer.graph(), layer.plain(sequence)));
  }

  /** A value with its first two axes exchanged. */
  private static Value swapped(GraphBuilder graph, Value x) {
    int[] order = IntStream.range(0, x.rank()).map(i -> i < 2 ? 1 - i : i).toArray();
    return graph.transpose(x, order);
  }

  /** The states to begin with; null for zeros. */
  public static List<@Nullable Value> initialStates(LayerCall layer, int count) {
    List<@Nullable Value> states = new ArrayList<>();
    layer.inputs().stream().skip(1).forEach(state -> states.add(layer.plain(state)));
    Argument given = layer.arguments().get(1, "initial_state");
    if (given != null && states.isEmpty()) {
      given.tensors().forEach(state -> states.add(layer.plain(state)));
    }
    if (states.isEmpty()) {
      return new ArrayList<>(Collections.nCopies(count, null));
    }
    if (states.size() != count) {
      throw layer.invalid("it takes %d states, got %d.".formatted(count, states.size()));
    }
    return states;
  }

  /** (batch, time, ..) as time values (batch, ..). */
  public static List<Value> steps(GraphBuilder graph, Value sequence) {
    int time = sequence.shape().size(1);
    List<Value> parts =
        time == 1
            ? List.of(sequence)
            : graph.nodes(
                Op.SPLIT, Attributes.of("axis", 1), time, List.of(sequence, ones(graph, time)));
    Shape one = sequence.shape().remove(1);
    return parts.stream().map(part -> graph.reshape(part, one)).toList();
  }

  private static Value ones(GraphBuilder graph, int count) {
    int[] sizes = new int[count];
    Arrays.fill(sizes, 1);
    return graph.ints(sizes);
  }

  /**
   * {@return a sequence turned around, by one operator that says so}
   *
   * @param graph the graph
   * @param sequence (batch, time, ...)
   */
  public static Value reversed(GraphBuilder graph, Value sequence) {
    int time = sequence.shape().size(1);
    int[] index = IntStream.range(0, time).map(i -> time - 1 - i).toArray();
    return graph.node(Op.GATHER, Attributes.of("axis", 1), sequence, graph.ints(index));
  }

  /** A cell's step. */
  @FunctionalInterface
  public interface Stepper {
    Step step(Value x, List<@Nullable Value> states);
  }

  /** A cell that is repeated over a sequence, by the layer's arguments. */
  public static final class Unrolled {
    private final LayerCall layer;
    private final GraphBuilder graph;
    private final @Nullable Value mask;
    private final @Nullable List<Value> masks;
    private final boolean backwards;

    public Unrolled(LayerCall layer, KerasTensor input, int time) {
      this.layer = layer;
      this.graph = layer.graph();
      this.mask = layer.maskArgument(input);
      this.backwards = layer.config().flag("go_backwards", false);
      if (mask == null) {
        this.masks = null;
      } else {
        List<Value> each = new ArrayList<>();
        for (int step = 0; step < time; step++) {
          each.add(graph.slice(mask, new int[] {1}, new int[] {step}, new int[] {step + 1}));
        }
        this.masks = each;
      }
    }

    public List<KerasTensor> run(
        List<Value> steps, List<@Nullable Value> initial, Stepper stepper) {
      List<@Nullable Value> states = initial;
      List<Value> outputs = new ArrayList<>();
      Value last = null;
      boolean zeros = layer.config().flag("zero_output_for_mask", false);
      for (int i = 0; i < steps.size(); i++) {
        int at = backwards ? steps.size() - 1 - i : i;
        Step step = stepper.step(steps.get(at), states);
        Value counts = masks == null ? null : masks.get(at);
        states = kept(counts, step.states(), states);
        last = kept(counts, step.output(), last);
        outputs.add(zeros ? kept(counts, last, null) : last);
      }
      return results(outputs, states);
    }

    private List<@Nullable Value> kept(
        @Nullable Value counts, List<@Nullable Value> now, List<@Nullable Value> before) {
      List<@Nullable Value> kept = new ArrayList<>();
      for (int i = 0; i < now.size(); i++) {
        Value state = now.get(i);
        kept.add(state == null ? null : kept(counts, state, before.get(i)));
      }
      return kept;
    }

    /** What it is now where the step counts, else what it was before; null was zero. */
    private Value kept(@Nullable Value counts, Value now, @Nullable Value before) {
      if (counts == null) {
        return now;
      }
      Value condition = graph.reshape(counts, Shape.of(sizes(counts.shape().size(0), now.rank())));
      return graph.where(condition, now, before == null ? graph.scalar(0) : before);
    }

    private static int[] sizes(int batch, int rank) {
      int[] sizes = new int[rank];
      Arrays.fill(sizes, 1);
      sizes[0] = batch;
      return sizes;
    }

    private List<KerasTensor> results(List<Value> outputs, List<@Nullable Value> states) {
      List<KerasTensor> results = new ArrayList<>();
      if (layer.config().flag("return_sequences", false)) {
        List<Value> columns =
            new ArrayList<>(outputs.stream().map(o -> graph.unsqueeze(o, 1)).toList());
        if (backwards) {
          Collections.reverse(columns);
        }
        Value joined = graph.concat(1, columns);
        Value sequence = backwards ? reversed(graph, joined) : joined;
        KerasTensor all =
            KerasTensor.plain(
                layer.config().flag("time_major", false) ? swapped(graph, sequence) : sequence);
        layer.setMask(all, mask);
        results.add(all);
      } else {
        results.add(KerasTensor.plain(outputs.get(outputs.size() - 1)));
      }
      if (layer.config().flag("return_state", false)) {
        for (Value state : states) {
          if (state != null) {
            results.add(KerasTensor.plain(state));
          }
        }
      }
      return results;
    }
  }
}
