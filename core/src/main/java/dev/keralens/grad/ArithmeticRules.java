package dev.keralens.grad;

import static dev.keralens.grad.Backward.gradients;

import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gradients of arithmetic with several operands. */
final class ArithmeticRules {
  private ArithmeticRules() {}

  static List<@Nullable Value> div(Backward n) {
    GraphBuilder b = n.builder();
    Value inverse = b.node(Op.RECIPROCAL, n.x(1));
    Value left = n.times(n.dy(), inverse);
    return gradients(left, n.needs(1) ? n.times(b.neg(n.dy()), b.mul(n.y(), inverse)) : null);
  }

  /** The gradient goes to the operand that is the largest (smallest), the first one at a tie. */
  static List<@Nullable Value> extremum(Backward n) {
    GraphBuilder b = n.builder();
    int count = n.node().inputs().size();
    @Nullable Value[] out = new @Nullable Value[count];
    Value taken = null;
    for (int i = 0; i < count; i++) {
      Value hit = b.node(Op.EQUAL, n.x(i), n.y());
      if (taken != null) {
        hit = b.node(Op.AND, hit, b.node(Op.NOT, taken));
      }
      out[i] = n.times(n.dy(), b.cast(hit, n.y().type()));
      taken = taken == null ? hit : b.node(Op.OR, taken, hit);
    }
    return gradients(out);
  }

  /** x mod m = x - m * trunc(x / m), and the truncated quotient is constant between its jumps. */
  static List<@Nullable Value> mod(Backward n) {
    GraphBuilder b = n.builder();
    Value quotient = b.div(b.sub(n.y(), n.x(0)), n.x(1));
    return gradients(n.dy(), n.needs(1) ? n.times(n.dy(), quotient) : null);
  }

  static List<@Nullable Value> pow(Backward n) {
    GraphBuilder b = n.builder();
    Value base = n.x(0);
    Value exponent = b.cast(n.x(1), base.type());
    Value lower = b.node(Op.POW, base, b.sub(exponent, b.scalar(1, base.type())));
    Value left = n.times(n.dy(), b.mul(exponent, lower));
    Value right = n.needs(1) ? n.times(n.dy(), b.mul(n.y(), b.node(Op.LOG, base))) : null;
    return gradients(left, right);
  }

  /** At zero, the slope is zero: Keras computes relu(x) - slope * relu(-x). */
  static List<@Nullable Value> prelu(Backward n) {
    GraphBuilder b = n.builder();
    Value zero = b.scalar(0, n.x().type());
    Value positive = b.cast(b.node(Op.GREATER, n.x(), zero), n.x().type());
    Value negative = b.cast(b.node(Op.LESS, n.x(), zero), n.x().type());
    Value left = n.times(n.dy(), b.add(positive, b.mul(negative, n.x(1))));
    Value right = n.needs(1) ? n.times(n.dy(), b.min(n.x(), zero)) : null;
    return gradients(left, right);
  }

  static List<@Nullable Value> where(Backward n) {
    GraphBuilder b = n.builder();
    Value left = n.times(n.dy(), b.cast(n.x(0), n.y().type()));
    Value right = n.times(n.dy(), b.cast(b.node(Op.NOT, n.x(0)), n.y().type()));
    return gradients(null, left, right);
  }
}
