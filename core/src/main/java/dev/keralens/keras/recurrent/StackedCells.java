package dev.keralens.keras.recurrent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.weights.SubLayer;
import dev.keralens.keras.weights.WeightPart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several cells, each fed with the output of the one before it. */
final class StackedCells implements RecurrentCell {
  private final List<RecurrentCell> cells = new ArrayList<>();

  StackedCells(LayerCall layer) {
    if (layer.config().flag("reverse_state_order", false)) {
      throw layer.unsupported("reverse_state_order=True is not supported.");
    }
    for (SubLayer inner : inner(layer.config())) {
      cells.add(RecurrentCells.of(layer, inner.attribute(), inner.layer()));
    }
    if (cells.isEmpty()) {
      throw layer.invalid("it has no cells.");
    }
  }

  static List<WeightPart> parts(LayerConfig config) {
    return List.copyOf(inner(config));
  }

  private static List<SubLayer> inner(LayerConfig config) {
    List<SubLayer> inner = new ArrayList<>();
    for (JsonNode cell : config.node("cells")) {
      inner.add(new SubLayer("cells/" + inner.size(), cell));
    }
    return inner;
  }

  @Override
  public int states() {
    return cells.stream().mapToInt(RecurrentCell::states).sum();
  }

  @Override
  public Value prepare(Value sequence) {
    return cells.get(0).prepare(sequence);
  }

  @Override
  public Step step(Value x, List<@Nullable Value> states) {
    Value output = x;
    List<@Nullable Value> after = new ArrayList<>();
    for (RecurrentCell cell : cells) {
      List<@Nullable Value> own = states.subList(after.size(), after.size() + cell.states());
      Value prepared = cell == cells.get(0) ? x : cell.prepare(output);
      Step step = cell.step(prepared, own);
      output = step.output();
      after.addAll(step.states());
    }
    return new Step(output, after);
  }
}
