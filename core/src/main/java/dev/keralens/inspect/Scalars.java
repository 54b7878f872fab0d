package dev.keralens.inspect;

import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads arithmetic with numbers: what a value is times a number plus a number. */
final class Scalars {
  private static final int MOST_ELEMENTS = 4096;
  private static final Set<Op> COPYING =
      Set.of(
          Op.IDENTITY,
          Op.CAST,
          Op.EXPAND,
          Op.RESHAPE,
          Op.FLATTEN,
          Op.SQUEEZE,
          Op.UNSQUEEZE,
          Op.TRANSPOSE,
          Op.TILE);

  private Scalars() {}

  /**
   * A value as {@code factor * base + offset}.
   *
   * @param base what is left without the arithmetic
   */
  record Affine(Value base, double factor, double offset) {}

  /** The number that all elements of a value are; nothing where they are not known or differ. */
  static OptionalDouble number(GraphBuilder b, @Nullable Value value) {
    if (value == null) {
      return OptionalDouble.empty();
    }
    Constant constant = b.constantOf(value);
    if (constant == null) {
      Node node = b.producerOf(value);
      return node != null && COPYING.contains(node.op())
          ? number(b, node.input(0))
          : OptionalDouble.empty();
    }
    if (value.shape().elements() > MOST_ELEMENTS || value.shape().elements() == 0) {
      return OptionalDouble.empty();
    }
    float[] elements = constant.tensor().toFloatArray();
    for (float element : elements) {
      if (element != elements[0]) {
        return OptionalDouble.empty();
      }
    }
    return OptionalDouble.of(elements[0]);
  }

  /** Whether all elements of a value are a number. */
  static boolean is(GraphBuilder b, @Nullable Value value, double wanted) {
    OptionalDouble number = number(b, value);
    return number.isPresent() && Math.abs(number.getAsDouble() - wanted) < 1e-6;
  }

  /** The value before operators that give it on as it is, such as Identity. */
  static Value plain(GraphBuilder b, Value value) {
    Node node = b.producerOf(value);
    if (node == null) {
      return value;
    }
    boolean casts = node.op() == Op.CAST && node.input(0).type().isFloating();
    return casts || node.op() == Op.IDENTITY ? plain(b, node.input(0)) : value;
  }

  /** A value without all arithmetic with numbers at its end. */
  static Affine affine(GraphBuilder b, Value value) {
    double factor = 1;
    double offset = 0;
    Value current = value;
    while (true) {
      current = plain(b, current);
      Affine step = step(b, current);
      if (step == null) {
        return new Affine(current, factor, offset);
      }
      offset += factor * step.offset();
      factor *= step.factor();
      current = step.base();
    }
  }

  /** One operator of arithmetic with a number; null where the value comes of another one. */
  static @Nullable Affine step(GraphBuilder b, Value value) {
    Node node = b.producerOf(value);
    if (node == null) {
      return null;
    }
    if (node.op() == Op.NEG) {
      return new Affine(node.input(0), -1, 0);
    }
    if (node.inputs().size() != 2) {
      return null;
    }
    OptionalDouble left = number(b, node.input(0));
    OptionalDouble right = number(b, node.input(1));
    if (left.isPresent() == right.isPresent()) {
      return null;
    }
    boolean first = right.isPresent();
    double number = first ? right.getAsDouble() : left.getAsDouble();
    Value base = node.input(first ? 0 : 1);
    if (!base.shape().equals(value.shape())) {
      return null;
    }
    return switch (node.op()) {
      case ADD -> new Affine(base, 1, number);
      case SUB -> first ? new Affine(base, 1, -number) : new Affine(base, -1, number);
      case MUL -> number == 0 ? null : new Affine(base, number, 0);
      case DIV -> first && number != 0 ? new Affine(base, 1 / number, 0) : null;
      default -> null;
    };
  }

  /** Minus a value; of what is minus something already, that. */
  static Value minus(GraphBuilder b, Value value) {
    Affine affine = affine(b, value);
    return affine.factor() == -1 && affine.offset() == 0 ? affine.base() : b.neg(value);
  }

  /** A value times a positive number. */
  static Value times(GraphBuilder b, Value value, double factor) {
    Affine affine = affine(b, value);
    return affine.offset() == 0 && Math.abs(affine.factor() * factor - 1) < 1e-6
        ? affine.base()
        : b.mul(value, factor);
  }
}
