package dev.keralens.app;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.objective.Box;
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
  private final @Nullable Box asked;
  private final List<String> lines = new ArrayList<>();
  private int boxes;

  private BoxNotes(@Nullable CompiledGraph graph, @Nullable Box asked) {
    this.graph = graph;
    this.asked = asked;
  }

  /**
   * Notes on what is explained; none where that is no box.
   *
   * @param asked the box that was asked for, in pixels of the input; null for the strongest
   */
  static BoxNotes of(ResolvedObjective explained, @Nullable Box asked) {
    PredictedBoxes predictions = explained.predictions();
    if (predictions == null) {
      return new BoxNotes(null, asked);
    }
    GraphBuilder b = GraphBuilder.from(explained.network().graph());
    List<Value> edges = new ArrayList<>();
    for (Value all : predictions.corners()) {
      edges.add(b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), all, predictions.chosen()));
    }
    return new BoxNotes(CompiledGraph.compile(b.build(edges)), asked);
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
  private String box(Inputs inputs, Inputs.Batch batch, int i, List<Tensor> edges, int[] places) {
    double[] n = edges.stream().mapToDouble(edge -> edge.get(i, 0)).toArray();
    if (asked != null && !overlaps(n, asked)) {
      return "none, as no prediction overlaps with --box: the score is 0";
    }
    boolean whole = inputs instanceof ImageInputs images && images.fit() == Fit.STRETCH;
    Picture picture = whole && !batch.pictures().isEmpty() ? batch.pictures().get(i) : null;
    double x = picture == null ? 1 : (double) picture.width() / places[1];
    double y = picture == null ? 1 : (double) picture.height() / places[0];
    String box =
        String.format(Locale.ROOT, "%.0f,%.0f,%.0f,%.0f", n[0] * x, n[1] * y, n[2] * x, n[3] * y);
    return picture == null ? box + " of the model's input" : box;
  }

  private static boolean overlaps(double[] n, Box box) {
    return Math.min(n[2], box.right()) > Math.max(n[0], box.left())
        && Math.min(n[3], box.bottom()) > Math.max(n[1], box.top());
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
