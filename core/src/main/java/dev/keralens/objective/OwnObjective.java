package dev.keralens.objective;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.inspect.Logits;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An objective of the user's own. */
record OwnObjective(String description, ObjectiveFunction function) implements Base {
  @Override
  public ResolvedObjective of(
      Network network, List<String> names, int output, @Nullable Integer unitAxis) {
    Logits itself = Logits.ofOutput(network, output);
    GraphBuilder b = GraphBuilder.from(itself.network().graph());
    b.scope("objective");
    List<Value> outputs = new ArrayList<>();
    for (KerasTensor tensor : network.outputs()) {
      outputs.add(UnitSlices.arranged(b, tensor.value(), tensor.layout(), Layout.PLAIN));
    }
    Value units = function.apply(b, outputs);
    Shape shape = units.shape();
    boolean rows = shape.rank() > 0 && shape.size(0) == Shape.BATCH;
    if (!rows || shape.rank() > 2 || !units.type().isFloating()) {
      throw new IllegalArgumentException(
          "The objective '%s' has to be floating numbers (batch, unit) or (batch), got %s %s."
              .formatted(description, units.type(), shape));
    }
    Value floats = b.cast(shape.rank() == 1 ? b.unsqueeze(units, 1) : units, ElementType.FLOAT32);
    int count = floats.shape().size(1);
    List<String> called =
        count == 1
            ? List.of(description)
            : IntStream.range(0, count).mapToObj(i -> description + " " + i).toList();
    return ResolvedObjective.of(
        output, itself, b, KerasTensor.plain(floats), floats, description, called);
  }
}
