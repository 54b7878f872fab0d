package dev.keralens.method;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.graph.Value;
import dev.keralens.method.numeric.Projection;
import dev.keralens.method.pass.NoQuestion;
import java.util.Arrays;

/**
 * Eigen-CAM (Muhammad and Yeasin, 2020, <a
 * href="https://arxiv.org/abs/2008.00299">arXiv:2008.00299</a>, equations 3 and 4), and KPCA-CAM
 * (Karmani et al., 2024, <a href="https://arxiv.org/abs/2410.00267">arXiv:2410.00267</a>).
 *
 * <p>Each place of the explained activation A is the vector of its channels; the map is the first
 * principal component of the places. It needs no gradients, and is the same for all units:
 *
 * <pre>
 *   {@link #create}: A - mean = U S V^T, as (places, channels);  map = (A - mean) v_1
 *   {@link #kernel}: map = sqrt(l_1) u_1 of the centred kernel K_pq = tanh(A_p A_q / channels + 1)
 * </pre>
 *
 * <p>The sign of a component is open; the value of the largest magnitude is positive here.
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps (batch, height, width, k) of the same
 * height and width.
 *
 * <p>Differs from the paper: the mean of each channel over the places is taken off first, without
 * which the first component is close to the mean activation.
 */
public final class EigenCam implements Ensemble {
  private final Projection projection;

  private EigenCam(Projection projection) {
    this.projection = projection;
  }

  /** {@return Eigen-CAM} */
  public static EigenCam create() {
    return new EigenCam(Projection.LINEAR);
  }

  /** {@return KPCA-CAM, with a sigmoid kernel} */
  public static EigenCam kernel() {
    return new EigenCam(Projection.SIGMOID);
  }

  @Override
  public Info info() {
    Info info = Info.of("eigencam", "Eigen-CAM").ofActivations().ofAllUnits();
    return projection == Projection.LINEAR
        ? info.summary("the first principal component of the activation; the same for all units")
            .paper("Muhammad and Yeasin, 2020, https://arxiv.org/abs/2008.00299")
        : info.named("kpcacam", "KPCA-CAM")
            .summary("as eigencam, with a kernel between the places; the same for all units")
            .paper("Karmani et al., 2024, https://arxiv.org/abs/2410.00267");
  }

  @Override
  public Plan plan(Probes probes) {
    Value activation = probes.activation();
    int[] shape = activation.shape().sizes();
    int[] places = Arrays.copyOfRange(shape, 2, shape.length);
    projection.check(Arrays.stream(places).reduce(1, Math::multiplyExact), info().title());
    int observed = probes.observe(activation);
    return batch -> new NoQuestion(batch, batch.observed().get(observed), projection::map);
  }
}
