package dev.keralens.app;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.objective.PredictedBoxes;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.Picture;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says which of a detector's predictions was explained: where its box lies in each picture. */
final class BoxNotes implements AutoCloseable {
  private static final int MOST_SHOWN = 5;

  private final @Nullable CompiledGraph graph;
  private final List<String> lines = new ArrayList<>();
  private int boxes;

  private BoxNotes(@Nullable CompiledGraph graph) {
    this.graph = graph;
  }

  /** Notes on what is explained; none where that is no box. */
  static BoxNotes of(ResolvedObjective explained) {
    PredictedBoxes predictions = explained.predictions();
    if (predictions == null) {
      return new BoxNotes(null);
    }
    GraphBuilder b = GraphBuilder.from(explained.network().graph());
    List<Value> edges = new ArrayList<>();
    for (Value all : predictions.corners()) {
      edges.add(b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), all, predictions.chosen()));
    }
    return new BoxNotes(CompiledGraph.compile(b.build(edges)));
  }

  /** Looks at a batch. */
  void add(Inputs inputs, Inputs.Batch batch, int[] places) {
    CompiledGraph finder = graph;
    if (finder == null || batch.isEmpty()) {
      return;
    }
    if (boxes < MOST_SHOWN) {
      List<Tensor> edges = finder.run(batch.all());
      for (int i = 0; i < batch.images().size() && boxes + i < MOST_SHOWN; i++) {
        lines.add(
            "%s: %s"
                .formatted(
                    inputs.name(batch.images().get(i)), box(inputs, batch, i, edges, places)));
      }
    }
    boxes += batch.images().size();
  }

  /** Edges in pixels of the picture, where all of it is what the model sees. */
  private static String box(
      Inputs inputs, Inputs.Batch batch, int i, List<Tensor> edges, int[] places) {
    boolean whole = inputs instanceof ImageInputs images && images.fit() == Fit.STRETCH;
    Picture picture = whole && !batch.pictures().isEmpty() ? batch.pictures().get(i) : null;
    double x = picture == null ? 1 : (double) picture.width() / places[1];
    double y = picture == null ? 1 : (double) picture.height() / places[0];
    String box =
        String.format(
            Locale.ROOT,
            "%.0f,%.0f,%.0f,%.0f",
            edges.get(0).get(i, 0) * x,
            edges.get(1).get(i, 0) * y,
            edges.get(2).get(i, 0) * x,
            edges.get(3).get(i, 0) * y);
    return picture == null ? box + " of the model's input" : box;
  }

  /** Prints a line for each of the first pictures. */
  void print(PrintWriter err) {
    lines.forEach(line -> err.printf("keralens: the explained box of %s%n", line));
    if (boxes > lines.size() && !lines.isEmpty()) {
      err.printf(
          "keralens: and those of %,d more; 'keralens predict' lists boxes%n",
          boxes - lines.size());
    }
    err.flush();
  }

  @Override
  public void close() {
    if (graph != null) {
      graph.close();
    }
  }
}
