package dev.keralens.explain.run;

import dev.keralens.explain.Plan;
import dev.keralens.filter.Resizing;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.search.Channels;
import dev.keralens.runtime.engine.CompiledGraph;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Joins, filters and resizes what several passes came to. It is compiled when the size of the maps
 * is known.
 */
final class Finish implements AutoCloseable {
  private final Setting setting;
  private final Plan.Joining joining;
  private @Nullable CompiledGraph graph;
  private boolean closed;
  private int[] size = {};

  Finish(Setting setting, Plan.Joining joining) {
    this.setting = setting;
    this.joining = joining;
  }

  private CompiledGraph compile(int[] spatial) {
    GraphBuilder b = new GraphBuilder();
    int k = setting.units();
    int[] sizes = new int[spatial.length + 2];
    sizes[0] = Shape.BATCH;
    System.arraycopy(spatial, 0, sizes, 1, spatial.length);
    sizes[spatial.length + 1] = k;
    Value maps = b.input("maps", ElementType.FLOAT32, Shape.of(sizes));
    return CompiledGraph.compile(b.build(add(b, setting, joining, maps)), setting.runtime());
  }

  /**
   * Adds what becomes of maps.
   *
   * @param maps float (batch, axes..., k)
   * @return maps, lowest and highest, as {@link BatchMaps} has them
   */
  static List<Value> add(GraphBuilder b, Setting setting, Plan.Joining joining, Value maps) {
    int rank = maps.rank();
    int[] unitsFirst =
        IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == 1 ? rank - 1 : i - 1).toArray();
    Shape rows = maps.shape().remove(rank - 1).repeat(setting.units());
    Value perUnit = b.reshape(b.transpose(maps, unitsFirst), rows);
    return GraphRoutine.finish(b, setting, joined(b, setting, joining, perUnit));
  }

  private static Value joined(GraphBuilder b, Setting setting, Plan.Joining joining, Value maps) {
    Value joined = maps;
    if (joining.channels()) {
      KerasTensor input = setting.network().inputs().get(setting.input());
      joined = b.reduceSum(Channels.first(b, maps, input.layout()), false, 1);
    }
    List<Integer> places = joining.places();
    return places == null
        ? joined
        : Resizing.linear(b, joined, places.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * Maps float (batch, spatial axes..., k), to maps, lowest and highest as {@link BatchMaps} has
   * them.
   */
  synchronized List<Tensor> run(Tensor maps) {
    int[] shape = maps.shape();
    int[] spatial = Arrays.copyOfRange(shape, 1, shape.length - 1);
    if (closed) {
      throw new IllegalStateException("The routine is closed.");
    }
    CompiledGraph current = graph;
    if (current == null || !Arrays.equals(spatial, size)) {
      close(current);
      current = compile(spatial);
      graph = current;
      size = spatial;
    }
    return current.run(List.of(maps));
  }

  @Override
  public synchronized void close() {
    closed = true;
    close(graph);
  }

  private static void close(@Nullable CompiledGraph graph) {
    if (graph != null) {
      graph.close();
    }
  }
}
