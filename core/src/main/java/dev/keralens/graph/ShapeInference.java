package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The type and shape of every operator's outputs.
 *
 * <p>Operators whose output shape depends on the contents of an input (Reshape, Slice, Pad, ...)
 * need that input to be a constant: every size but the batch's is known when a graph is built. An
 * operator that would mix the rows of a batch is refused.
 */
final class ShapeInference {
  /** More elements than this cannot be held anywhere: 4 TB of them. */
  static final double MOST_ELEMENTS = 1L << 40;

  /** Of a constant of more numbers, messages show none. */
  private static final int MOST_SHOWN = 16;

  /** Of more constant positions than this none is checked here. */
  private static final int MOST_CHECKED = 1 << 16;

  private final Op op;
  private final Attributes attributes;
  private final int outputs;
  private final List<@Nullable Value> inputs;
  private final Function<Value, @Nullable Tensor> constants;

  private ShapeInference(
      Op op,
      Attributes attributes,
      int outputs,
      List<@Nullable Value> inputs,
      Function<Value, @Nullable Tensor> constants) {
    this.op = op;
    this.attributes = attributes;
    this.outputs = outputs;
    this.inputs = inputs;
    this.constants = constants;
  }

  static List<ValueType> infer(
      Op op,
      Attributes attributes,
      int outputs,
      List<@Nullable Value> inputs,
      Function<Value, @Nullable Tensor> constants) {
    ShapeInference inference = new ShapeInference(op, attributes, outputs, inputs, constants);
    try {
      List<ValueType> types = op.shapes().infer(inference);
      if (types.size() < outputs) {
        throw inference.error("it has %d outputs, not %d".formatted(types.size(), outputs));
      }
      types.forEach(inference::checkElements);
      return types;
    } catch (Refusal e) {
      throw e;
    } catch (ArithmeticException e) {
      throw String.valueOf(e.getMessage()).contains("zero")
          ? inference.error("it divides by a size of 0" + inference.numbers())
          : inference.error(
              "its sizes%s lead to more than %d, the most that an axis may have"
                  .formatted(inference.numbers(), Integer.MAX_VALUE));
    } catch (RuntimeException e) {
      IllegalArgumentException error =
          inference.error("its inputs do not fit its attributes (" + Printable.reason(e) + ")");
      error.initCause(e);
      throw error;
    }
  }

  Op op() {
    return op;
  }

  Attributes attributes() {
    return attributes;
  }

  int outputs() {
    return outputs;
  }

  Value input(int index) {
    Value value = optional(index);
    if (value == null) {
      throw error("input %d is missing".formatted(index));
    }
    return value;
  }

  @Nullable Value optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  List<Value> present() {
    List<Value> out = new ArrayList<>();
    for (Value value : inputs) {
      if (value != null) {
        out.add(value);
      }
    }
    return out;
  }

  /** The contents of an input that must be a constant. */
  long[] longs(int index) {
    Tensor tensor = constants.apply(input(index));
    if (tensor == null) {
      throw error("input %d must be a constant".formatted(index));
    }
    return tensor.toLongArray();
  }

  int[] ints(int index) {
    long[] sizes = longs(index);
    int[] out = new int[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      out[i] = size(sizes[i], i);
    }
    return out;
  }

  float[] floats(int index) {
    Tensor tensor = constants.apply(input(index));
    if (tensor == null) {
      throw error("input %d must be a constant".formatted(index));
    }
    return tensor.toFloatArray();
  }

  /** The largest of the numbers that it is given as constants, for messages. */
  private String numbers() {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Value value = inputs.get(i);
      boolean few = value != null && !value.shape().hasBatch() && value.rank() < 2;
      Tensor tensor = few && value.shape().elements() <= MOST_SHOWN ? constants.apply(value) : null;
      if (tensor != null) {
        found.add("input %d %s".formatted(i, numbers(tensor)));
      }
    }
    return found.isEmpty() ? "" : " (" + String.join(", ", found) + ")";
  }

  private static String numbers(Tensor tensor) {
    return tensor.type() == ElementType.FLOAT32 || tensor.type() == ElementType.FLOAT64
        ? Arrays.toString(tensor.toFloatArray())
        : Arrays.toString(tensor.toLongArray());
  }

  /** Refuses constant positions that lie outside an axis. */
  void checkPositions(int index, int axis, int size) {
    Value positions = input(index);
    boolean few = !positions.shape().hasBatch() && positions.shape().elements() <= MOST_CHECKED;
    Tensor tensor = few ? constants.apply(positions) : null;
    for (long position : tensor == null ? new long[0] : tensor.toLongArray()) {
      if (position < -size || position >= size) {
        throw error(
            "it takes position %d of axis %d, which has the size %d"
                .formatted(position, axis, size));
      }
    }
  }

  /** A size that was computed, as that of an axis; refuses what an axis cannot have. */
  int size(long size, int axis) {
    if (size < Integer.MIN_VALUE + 1L || size > Integer.MAX_VALUE) {
      throw error(
          "axis %d of its output would have the size %d; the most is %d%s"
              .formatted(axis, size, Integer.MAX_VALUE, numbers()));
    }
    return (int) size;
  }

  /** Refuses an output that no machine can hold, and whose bytes could not be counted. */
  private void checkElements(ValueType output) {
    double elements = 1;
    for (int size : output.shape().sizes()) {
      elements *= Math.abs((double) size);
    }
    if (elements > MOST_ELEMENTS) {
      throw error(
          "its output %s has %.3g elements an image, more than any machine holds"
              .formatted(output.shape(), elements));
    }
  }

  /** The axis as a number from 0, checked. */
  int axis(int axis, int rank) {
    int result = axis < 0 ? axis + rank : axis;
    if (result < 0 || result >= rank) {
      throw error("there is no axis %d among %d".formatted(axis, rank));
    }
    return result;
  }

  /** Refuses an axis that is the batch's. */
  int plainAxis(int axis, Shape shape) {
    int result = axis(axis, shape.rank());
    if (shape.size(result) < 0) {
      throw error("it would mix the rows of the batch, axis %d".formatted(result));
    }
    return result;
  }

  IllegalArgumentException error(String problem) {
    return new Refusal("%s: %s.".formatted(new Node(op, attributes, inputs, List.of()), problem));
  }

  /** A refusal that names the operator and its inputs. */
  private static final class Refusal extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  static List<ValueType> one(ElementType type, Shape shape) {
    return List.of(new ValueType(type, shape));
  }

  /** The output of a function of single elements. */
  static List<ValueType> same(ShapeInference node) {
    return one(node.input(0).type(), node.input(0).shape());
  }

  static List<ValueType> cast(ShapeInference node) {
    ElementType type = OnnxTypes.type(node.attributes().getInt("to", 1));
    return one(type, node.input(0).shape());
  }

  static List<ValueType> truth(ShapeInference node) {
    return one(ElementType.BOOL, node.input(0).shape());
  }

  /** The type of the inputs from one on, which is the same for all of them. */
  ElementType sameType(int from) {
    ElementType type = input(from).type();
    for (int i = from; i < inputs.size(); i++) {
      Value value = optional(i);
      if (value != null && value.type() != type) {
        throw error("its inputs are of types %s and %s".formatted(type, value.type()));
      }
    }
    return type;
  }

  Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] sizes = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.rank() ? a.size(-i) : 1;
      int right = i <= b.rank() ? b.size(-i) : 1;
      if (left != right && left != 1 && right != 1) {
        throw error("shapes %s and %s do not broadcast".formatted(a, b));
      }
      sizes[rank - i] = left == 1 ? right : left;
    }
    return shape(sizes);
  }

  Shape shape(int... sizes) {
    if (Arrays.stream(sizes).filter(size -> size < 0).count() > 1) {
      throw error("two axes of its output would depend on the batch");
    }
    return Shape.of(sizes);
  }
}
