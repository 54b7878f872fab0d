package dev.keralens.rewrite;

import static dev.keralens.rewrite.BlockedLayout.fits;
import static dev.keralens.rewrite.BlockedLayout.number;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import org.jspecify.annotations.Nullable;

/**
 * Masks of ReLU and of ReLU6, one where a value lies between bounds and zero elsewhere, as
 * convolutions of one weight a channel.
 *
 * <p>Where the value is what was clipped to the same bounds, as in gradients, it is outside of them
 * where it equals one of them, and the mask is one minus
 *
 * <pre>
 *   relu(1 - steep * (high - y) + relu(steep * high - STEEP * y))
 * </pre>
 *
 * which is exactly one at both bounds and zero between them: {@code steep} is a power of two that
 * makes the step below {@code high} at least one, and all sums near the bounds are integers below
 * 2^24. The engine computes a ReLU along with the convolution, while clipping takes as long as the
 * convolution itself.
 *
 * <p>Otherwise the mask is the product of one clipped convolution for each bound.
 *
 * <p>{@code STEEP} is 2^127, so the mask is one from 2^-127 on: smaller numbers, which are rounded
 * already, count in part.
 */
final class Masks {
  private static final float STEEP = 0x1p127f;

  private final BlockedLayout layout;
  private final Lines lines;

  Masks(BlockedLayout layout, Lines lines) {
    this.layout = layout;
    this.lines = lines;
  }

  /** {@return x times a mask; null where the factor is none} */
  @Nullable Value masked(Value x, Value factor, Pass pass) {
    Node cast = pass.producer(factor, Op.CAST);
    Node test = cast == null ? null : pass.producer(cast.input(0), Op.GREATER, Op.LESS, Op.AND);
    if (test == null || !test.output().shape().equals(x.shape())) {
      return null;
    }
    if (test.op() != Op.AND) {
      Value mask = mask(test, pass);
      return mask == null ? null : pass.builder().mul(pass.copy(x), mask);
    }
    Node left = pass.producer(test.input(0), Op.GREATER, Op.LESS);
    Node right = pass.producer(test.input(1), Op.GREATER, Op.LESS);
    if (left == null || right == null) {
      return null;
    }
    Value inside = inside(left, right, pass);
    if (inside != null) {
      return pass.builder().mul(pass.copy(x), inside);
    }
    Value first = mask(left, pass);
    Value second = mask(right, pass);
    return first == null || second == null
        ? null
        : pass.builder().mul(pass.builder().mul(pass.copy(x), first), second);
  }

  /** One where y is between 0 and high, of a y that is nowhere outside of them. */
  private @Nullable Value inside(Node greater, Node less, Pass pass) {
    Value y = greater.input(0);
    Node clip = pass.producer(y, Op.CLIP);
    Float low = number(pass.constant(greater.input(1)));
    Float high = number(pass.constant(less.input(1)));
    if (clip == null
        || low == null
        || high == null
        || greater.op() != Op.GREATER
        || less.op() != Op.LESS
        || !less.input(0).equals(y)
        || !low.equals(number(pass.constant(clip.optionalInput(1))))
        || !high.equals(number(pass.constant(clip.optionalInput(2))))
        || low != 0
        || !(high > 0x1p-60f && high < 0x1p60f)
        || !layout.contains(y)
        || !fits(y)) {
      return null;
    }
    float steep = Math.scalb(1f, 24 - Math.getExponent(Math.nextDown(high)) - 1);
    Value copy = pass.copy(y);
    Value below = pass.builder().relu(lines.line(copy, -STEEP, steep * high, pass));
    Value above = lines.line(copy, steep, 1 - steep * high, pass);
    Value outside = pass.builder().relu(pass.builder().add(above, below));
    return lines.line(outside, -1, 1, pass);
  }

  /**
   * One where a value is above, or below, a number. Near the number, the difference is computed
   * without rounding, and is made large enough that it is clipped to one.
   */
  private @Nullable Value mask(Node test, Pass pass) {
    Value y = test.input(0);
    Float bound = number(pass.constant(test.input(1)));
    if (bound == null || !Float.isFinite(bound) || !layout.contains(y) || !fits(y)) {
      return null;
    }
    int steepness = 60 - Math.getExponent(bound);
    float slope = bound == 0 ? STEEP : Math.scalb(1f, steepness);
    if (bound != 0 && (steepness > 120 || steepness < -60)) {
      return null;
    }
    float weight = test.op() == Op.GREATER ? slope : -slope;
    Value line = lines.line(pass.copy(y), weight, bound == 0 ? 0 : -weight * bound, pass);
    return pass.builder().node(Op.CLIP, line, pass.builder().scalar(0), pass.builder().scalar(1));
  }
}
