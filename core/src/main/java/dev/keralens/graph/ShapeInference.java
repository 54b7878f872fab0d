package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The type and shape of every operator's outputs.
 *
 * <p>Operators whose output shape depends on the contents of an input (Reshape, Slice, Pad, ...)
 * need that input to be a constant: every size but the batch's is known when a graph is built. An
 * operator that would mix the rows of a batch is refused.
 */
final class ShapeInference {
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
      return inference.infer();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw inference.error("its inputs do not fit its attributes (" + e.getMessage() + ")");
    }
  }

  private List<ValueType> infer() {
    return switch (op) {
      case ABS,
          ACOS,
          ACOSH,
          ASIN,
          ASINH,
          ATAN,
          ATANH,
          CEIL,
          CELU,
          CLIP,
          COS,
          COSH,
          ELU,
          ERF,
          EXP,
          FLOOR,
          GELU,
          HARD_SIGMOID,
          HARD_SWISH,
          IDENTITY,
          LEAKY_RELU,
          LOG,
          MISH,
          NEG,
          NOT,
          RECIPROCAL,
          RELU,
          ROUND,
          SELU,
          SHRINK,
          SIGMOID,
          SIGN,
          SIN,
          SINH,
          SOFTPLUS,
          SOFTSIGN,
          SQRT,
          TAN,
          TANH,
          THRESHOLDED_RELU ->
          same();
      case CAST -> one(OnnxTypes.type(attributes.getInt("to", 1)), input(0).shape());
      case IS_INF, IS_NAN -> one(ElementType.BOOL, input(0).shape());
      case ADD, DIV, MAX, MEAN, MIN, MOD, MUL, POW, PRELU, SUB, SUM -> broadcast(0, null);
      case AND, EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, OR, XOR ->
          broadcast(0, ElementType.BOOL);
      case WHERE -> broadcast(1, null);
      case EINSUM -> one(input(0).type(), EinsumShape.infer(attributes, present(), this::error));
      case GEMM -> gemm();
      case MAT_MUL -> one(input(0).type(), matMul(input(0).shape(), input(1).shape()));
      case AVERAGE_POOL, LP_POOL, MAX_POOL, CONV, CONV_TRANSPOSE -> window();
      case GLOBAL_AVERAGE_POOL, GLOBAL_MAX_POOL -> globalPool();
      case BATCH_NORMALIZATION, INSTANCE_NORMALIZATION, LP_NORMALIZATION, LRN -> same();
      case LAYER_NORMALIZATION -> alongAxis(attributes.getInt("axis", -1), same());
      case LOG_SOFTMAX, SOFTMAX -> alongAxis(attributes.getInt("axis", -1), same());
      case ARG_MAX, ARG_MIN -> argument();
      case CUM_SUM -> alongAxis((int) longs(1)[0], same());
      case REDUCE_L1,
          REDUCE_L2,
          REDUCE_LOG_SUM,
          REDUCE_LOG_SUM_EXP,
          REDUCE_MAX,
          REDUCE_MEAN,
          REDUCE_MIN,
          REDUCE_PROD,
          REDUCE_SUM,
          REDUCE_SUM_SQUARE ->
          reduce();
      case TOP_K -> topK();
      case CONCAT,
          DEPTH_TO_SPACE,
          EXPAND,
          FLATTEN,
          GATHER,
          GATHER_ELEMENTS,
          GATHER_ND,
          ONE_HOT,
          PAD,
          RESHAPE,
          RESIZE,
          SCATTER_ELEMENTS,
          SCATTER_ND,
          SLICE,
          SPACE_TO_DEPTH,
          SPLIT,
          SQUEEZE,
          TILE,
          TRANSPOSE,
          TRILU,
          UNSQUEEZE ->
          new RearrangingShapes(this).infer();
    };
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

  float[] floats(int index) {
    Tensor tensor = constants.apply(input(index));
    if (tensor == null) {
      throw error("input %d must be a constant".formatted(index));
    }
    return tensor.toFloatArray();
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
      throw error("it would mix the rows of the batch");
    }
    return result;
  }

  IllegalArgumentException error(String problem) {
    return new IllegalArgumentException(
        "%s: %s.".formatted(new Node(op, attributes, inputs, List.of()), problem));
  }

  static List<ValueType> one(ElementType type, Shape shape) {
    return List.of(new ValueType(type, shape));
  }

  private List<ValueType> same() {
    return one(input(0).type(), input(0).shape());
  }

  private List<ValueType> alongAxis(int axis, List<ValueType> result) {
    int from = op == Op.LAYER_NORMALIZATION ? axis(axis, input(0).rank()) : axis;
    int to = op == Op.LAYER_NORMALIZATION ? input(0).rank() - 1 : from;
    for (int i = from; i <= to; i++) {
      plainAxis(i, input(0).shape());
    }
    return result;
  }

  private List<ValueType> broadcast(int from, @Nullable ElementType type) {
    Shape shape = input(0).shape();
    for (Value value : present()) {
      shape = broadcast(shape, value.shape());
    }
    return one(type == null ? input(from).type() : type, shape);
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

  private Shape matMul(Shape a, Shape b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw error("a scalar has no matrix product");
    }
    Shape left = a.rank() == 1 ? a.insert(0, 1) : a;
    Shape right = b.rank() == 1 ? b.insert(1, 1) : b;
    if (left.size(-1) != right.size(-2) || left.size(-1) < 0) {
      throw error("inner sizes %d and %d differ".formatted(left.size(-1), right.size(-2)));
    }
    Shape outer =
        broadcast(
            left.remove(left.rank() - 1).remove(left.rank() - 2),
            right.remove(right.rank() - 1).remove(right.rank() - 2));
    int[] sizes = Arrays.copyOf(outer.sizes(), outer.rank() + 2);
    sizes[outer.rank()] = left.size(-2);
    sizes[outer.rank() + 1] = right.size(-1);
    Shape result = shape(sizes);
    if (a.rank() == 1) {
      result = result.remove(result.rank() - 2);
    }
    return b.rank() == 1 ? result.remove(result.rank() - 1) : result;
  }

  private List<ValueType> gemm() {
    Shape a = input(0).shape();
    Shape b = input(1).shape();
    if (a.rank() != 2 || b.rank() != 2) {
      throw error("its inputs must be matrices");
    }
    Shape left = attributes.getInt("transA", 0) != 0 ? a.permute(1, 0) : a;
    Shape right = attributes.getInt("transB", 0) != 0 ? b.permute(1, 0) : b;
    if (left.size(1) != right.size(0) || left.size(1) < 0) {
      throw error("inner sizes %d and %d differ".formatted(left.size(1), right.size(0)));
    }
    return one(input(0).type(), shape(left.size(0), right.size(1)));
  }

  private List<ValueType> window() {
    Shape shape = WindowShapes.infer(this);
    ValueType result = new ValueType(input(0).type(), shape);
    return outputs == 2 && op == Op.MAX_POOL
        ? List.of(result, new ValueType(ElementType.INT64, shape))
        : List.of(result);
  }

  private List<ValueType> globalPool() {
    Shape shape = input(0).shape();
    for (int axis = 2; axis < shape.rank(); axis++) {
      shape = shape.with(plainAxis(axis, shape), 1);
    }
    return one(input(0).type(), shape);
  }

  private List<ValueType> argument() {
    Shape shape = input(0).shape();
    int axis = plainAxis(attributes.getInt("axis", 0), shape);
    boolean keep = attributes.getInt("keepdims", 1) != 0;
    return one(ElementType.INT64, keep ? shape.with(axis, 1) : shape.remove(axis));
  }

  private List<ValueType> reduce() {
    Shape shape = input(0).shape();
    int[] axes;
    if (optional(1) != null) {
      axes = Arrays.stream(longs(1)).mapToInt(Math::toIntExact).toArray();
    } else if (attributes.getInt("noop_with_empty_axes", 0) != 0) {
      return same();
    } else {
      axes = IntStream.range(0, shape.rank()).toArray();
    }
    boolean keep = attributes.getInt("keepdims", 1) != 0;
    List<Integer> sorted = new ArrayList<>();
    for (int axis : axes) {
      sorted.add(plainAxis(axis, input(0).shape()));
    }
    sorted.sort(Collections.reverseOrder());
    for (int axis : sorted) {
      shape = keep ? shape.with(axis, 1) : shape.remove(axis);
    }
    return one(input(0).type(), shape);
  }

  private List<ValueType> topK() {
    Shape shape = input(0).shape();
    int axis = plainAxis(attributes.getInt("axis", -1), shape);
    Shape result = shape.with(axis, (int) longs(1)[0]);
    return List.of(
        new ValueType(input(0).type(), result), new ValueType(ElementType.INT64, result));
  }
}
