package dev.keralens.method;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.tensor.CheckReturnValue;

/**
 * Score-CAM (Wang et al., 2020, <a href="https://arxiv.org/abs/1910.01279">arXiv:1910.01279</a>).
 *
 * <p>Each channel of the explained activation A is a mask of the input x; the score of a unit for
 * the masked input weights the mask. It needs no gradients. With n(.) the scaling of a map to [0,
 * 1] and up(.) the resizing to the input:
 *
 * <pre>
 *   {@link #create}: map = sum_c s(x * up(n(A_c))) up(n(A_c))
 *   {@link #paper}:  map = sum_c softmax_c(s(x * n(up(A_c))) - s(0)) up(A_c)
 * </pre>
 *
 * <p>Shapes: A is (batch, height, width, channels), the maps have the height and width of the
 * input. The network runs once for every channel of every image; channels that are constant add
 * nothing and are left out. Of a network with several inputs, the explained one is masked.
 *
 * <p>Differs from the paper: {@link #create} as keras-explainable, see there; {@link #paper}: none
 * (definition 3 and equations 5 to 7; the baseline is the zero input), but that the map is not cut
 * at zero here; its usual filter does that. Differs from keras-explainable: {@link #create}: none.
 */
@CheckReturnValue
public final class ScoreCam implements Method {
  private final boolean paper;
  private final int maxChannels;

  private ScoreCam(boolean paper, int maxChannels) {
    this.paper = paper;
    this.maxChannels = maxChannels;
  }

  /** {@return the method as keras-explainable computes it} */
  public static ScoreCam create() {
    return new ScoreCam(false, Integer.MAX_VALUE);
  }

  /** {@return the method as the paper defines it} */
  public static ScoreCam paper() {
    return new ScoreCam(true, Integer.MAX_VALUE);
  }

  /**
   * {@return the method with the channels of the highest variance only, as Faster Score-CAM}
   *
   * @param count how many channels of each image, at least 1; by default all
   */
  public ScoreCam maxChannels(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("At least one channel is needed, got " + count + ".");
    }
    return new ScoreCam(paper, count);
  }

  @Override
  public String name() {
    return paper ? "scorecam:paper" : "scorecam";
  }

  @Override
  public String title() {
    return paper ? "Score-CAM (paper)" : "Score-CAM";
  }

  @Override
  public Filter usualFilter() {
    return Filters::positiveNormalize;
  }

  @Override
  public boolean explainsActivations() {
    return true;
  }

  @Override
  public Routine prepare(Setting setting) {
    return new ScoreCamRoutine(setting, paper, maxChannels);
  }
}
