package dev.keralens.explain.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.explain.Formula;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Op;
import dev.keralens.inspect.LayerSelector;
import dev.keralens.keras.LayerRegistry;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.method.Cam;
import dev.keralens.method.FullGradients;
import dev.keralens.method.GradCam;
import dev.keralens.method.GradCamPlusPlus;
import dev.keralens.method.Gradients;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.Objective;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.RuntimeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GraphRoutineTest {
  private static Network network() throws IOException {
    return KerasModel.read(
            Path.of("src/test/resources/parity/residual/model.keras"), LayerRegistry.standard())
        .network();
  }

  private static Graph graph(Network network, Formula... methods) {
    ResolvedObjective objective = Objective.logits().resolve(network);
    KerasTensor activation = LayerSelector.usual(network, objective.source()).tensor();
    Setting setting =
        new Setting(
            objective,
            activation,
            0,
            2,
            true,
            false,
            Filters::positiveNormalize,
            null,
            List.of(),
            RuntimeOptions.defaults(),
            List.of());
    return GraphRoutine.graph(
        Stream.of(methods).map(method -> new GraphRoutine.Part(method, setting)).toList());
  }

  private static long count(Graph graph, Op op) {
    return graph.nodes().stream().filter(node -> node.op() == op).count();
  }

  @Test
  void camMethodsTogether_shareOneForwardPass() throws IOException {
    Network network = network();
    long convolutions = count(network.graph(), Op.CONV);
    assertTrue(convolutions > 5);
    Graph together =
        graph(
            network,
            Cam.create(),
            GradCam.create(),
            GradCamPlusPlus.create(),
            GradCamPlusPlus.exact());
    assertEquals(convolutions, count(together, Op.CONV));
    // One of each filter, and one that both forms of Grad-CAM++ share.
    assertEquals(count(network.graph(), Op.RELU) + 4 + 1, count(together, Op.RELU));
  }

  @Test
  void gradients_shareTheirBackwardPass() throws IOException {
    Network network = network();
    Graph one = graph(network, Gradients.create());
    Graph two = graph(network, Gradients.create(), FullGradients.create(), GradCam.create());
    assertEquals(count(one, Op.CONV), count(two, Op.CONV));
    assertEquals(count(one, Op.CONV_TRANSPOSE), count(two, Op.CONV_TRANSPOSE));
  }
}
