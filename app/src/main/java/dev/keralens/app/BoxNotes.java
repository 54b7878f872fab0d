package dev.keralens.app;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.objective.Box;
import dev.keralens.objective.PredictedBoxes;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.BoundingBox;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.Tensor;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says which of a detector's predictions was explained, and draws its box: where it lies in each
 * picture.
 */
final class BoxNotes implements AutoCloseable {
  private static final int MOST_SHOWN = 5;
  private static final int COLOR = 0xFFFFFF;

  private final @Nullable CompiledGraph graph;
  private final @Nullable Box asked;
  private final int[] places;
  private final boolean draws;
  private final List<String> lines = new ArrayList<>();
  private int looked;
  private int boxes;

  private BoxNotes(
      @Nullable CompiledGraph graph, @Nullable Box asked, int[] places, boolean draws) {
    this.graph = graph;
    this.asked = asked;
    this.places = places;
    this.draws = draws;
  }

  /**
   * The box that is explained of one input, in its pixels.
   *
   * @param isExplained whether it overlaps with the box that was asked for
   */
  record Found(double left, double top, double right, double bottom, boolean isExplained) {
    private static Found of(double[] edges, @Nullable Box asked) {
      boolean overlaps =
          asked == null
              || (Math.min(edges[2], asked.right()) > Math.max(edges[0], asked.left())
                  && Math.min(edges[3], asked.bottom()) > Math.max(edges[1], asked.top()));
      return new Found(edges[0], edges[1], edges[2], edges[3], overlaps);
    }

    /** The same in pixels of a picture that the input is made of. */
    private Found in(Picture picture, int[] places) {
      double x = (double) picture.width() / places[1];
      double y = (double) picture.height() / places[0];
      return new Found(left * x, top * y, right * x, bottom * y, isExplained);
    }

    /** What of it lies in a picture, drawn on it. */
    private Picture draw(Picture picture) {
      int fromRow = (int) Math.max(0, Math.round(top));
      int fromColumn = (int) Math.max(0, Math.round(left));
      int height = (int) Math.min(picture.height(), Math.round(bottom)) - fromRow;
      int width = (int) Math.min(picture.width(), Math.round(right)) - fromColumn;
      return height < 1 || width < 1
          ? picture
          : new BoundingBox(fromRow, fromColumn, height, width).draw(picture, COLOR);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.0f,%.0f,%.0f,%.0f", left, top, right, bottom);
    }
  }

  /**
   * Notes on what is explained; none where that is no box.
   *
   * @param asked the box that was asked for, in pixels of the input; null for the strongest
   * @param places the size of the input, height and width first
   * @param draws whether pictures are drawn; else only the first boxes are looked for
   */
  static BoxNotes of(
      ResolvedObjective explained, @Nullable Box asked, int[] places, boolean draws) {
    PredictedBoxes predictions = explained.predictions();
    if (predictions == null) {
      return new BoxNotes(null, asked, places, false);
    }
    GraphBuilder b = GraphBuilder.from(explained.network().graph());
    List<Value> edges = new ArrayList<>();
    for (Value all : predictions.corners()) {
      edges.add(b.node(Op.GATHER_ELEMENTS, Attributes.of("axis", 1), all, predictions.chosen()));
    }
    return new BoxNotes(CompiledGraph.compile(b.build(edges)), asked, places, draws);
  }

  /** The boxes that are explained of a batch; none where they are neither drawn nor shown. */
  List<Found> find(Inputs.Batch batch) {
    CompiledGraph finder = graph;
    if (finder == null || batch.isEmpty() || !isWanted(batch.images().size())) {
      return List.of();
    }
    List<Tensor> edges = finder.run(batch.all());
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < batch.images().size(); i++) {
      int image = i;
      found.add(Found.of(edges.stream().mapToDouble(e -> e.get(image, 0)).toArray(), asked));
    }
    return found;
  }

  private synchronized boolean isWanted(int images) {
    boolean wanted = draws || looked < MOST_SHOWN;
    looked += images;
    return wanted;
  }

  /** The pictures of a batch with the explained boxes, where all of them is what the model sees. */
  List<Picture> draw(Inputs inputs, Inputs.Batch batch, List<Found> found) {
    List<Picture> pictures = batch.pictures();
    if (!draws || found.isEmpty() || pictures.isEmpty() || !isWhole(inputs)) {
      return pictures;
    }
    List<Picture> drawn = new ArrayList<>();
    for (int i = 0; i < pictures.size(); i++) {
      Picture picture = pictures.get(i);
      Found box = found.get(i);
      drawn.add(box.isExplained() ? box.in(picture, places).draw(picture) : picture);
    }
    return drawn;
  }

  private static boolean isWhole(Inputs inputs) {
    return inputs instanceof ImageInputs images && images.fit() == Fit.STRETCH;
  }

  /** Takes the boxes of a batch to be shown. */
  void add(Inputs inputs, Inputs.Batch batch, List<Found> found) {
    for (int i = 0; i < found.size() && lines.size() < MOST_SHOWN; i++) {
      Found box = found.get(i);
      boolean inPicture = isWhole(inputs) && !batch.pictures().isEmpty();
      String said =
          !box.isExplained()
              ? "none, as no prediction overlaps with --box: the score is 0"
              : inPicture
                  ? box.in(batch.pictures().get(i), places).toString()
                  : box + " of the model's input";
      lines.add("%s: %s".formatted(inputs.name(batch.images().get(i)), said));
    }
    boxes += graph == null ? 0 : batch.images().size();
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
