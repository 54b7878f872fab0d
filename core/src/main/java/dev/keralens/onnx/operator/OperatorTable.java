package dev.keralens.onnx.operator;

import dev.keralens.graph.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The operators of files: how each is brought to its meaning in the operator set of graphs.
 *
 * <p>One that is not listed and that graphs have under the same name is taken as it is. To add one,
 * add a row to the table of its kind, and a model to {@code parity/onnx/make_onnx.py}.
 */
public final class OperatorTable {
  private static final Map<String, Operator> TABLE = table();

  private OperatorTable() {}

  private static Map<String, Operator> table() {
    Map<String, Operator> table = new HashMap<>();
    table.putAll(ConstantOperators.TABLE);
    table.putAll(ElementwiseOperators.TABLE);
    table.putAll(MatrixOperators.TABLE);
    table.putAll(NormalizationOperators.TABLE);
    table.putAll(QuantizedOperators.TABLE);
    table.putAll(RearrangingOperators.TABLE);
    table.putAll(RecurrentOperators.TABLE);
    table.putAll(ReductionOperators.TABLE);
    table.putAll(ResizeOperators.TABLE);
    table.putAll(WindowOperators.TABLE);
    return Map.copyOf(table);
  }

  /** {@return the names of all operators that files may have} */
  static Set<String> names() {
    Set<String> names = new HashSet<>(TABLE.keySet());
    names.addAll(Folding.TABLE.keySet());
    Arrays.stream(Op.values()).forEach(op -> names.add(op.onnxName()));
    return names;
  }

  /**
   * {@return how a node is read}
   *
   * @param node the node
   * @param domain the domain of its operator
   */
  public static Operator of(OnnxNode node, String domain) {
    QuantizedOperators.refuse(node.type());
    if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
      throw new Refusal(
          "operators of the domain '%s' are not ONNX's own; export the model without them"
              .formatted(domain));
    }
    if (IntStream.range(0, node.inputCount())
        .anyMatch(i -> node.optional(i) instanceof Known.Merged)) {
      Operator merged = MergedRows.TABLE.get(node.type());
      if (merged == null) {
        throw new Refusal("it reads rows in which the batch is not the outer axis");
      }
      return merged;
    }
    Operator folding = Folding.TABLE.get(node.type());
    if (folding != null && isFoldable(node)) {
      return folding;
    }
    Operator operator = TABLE.get(node.type());
    if (operator != null) {
      return operator;
    }
    Op op =
        Op.byOnnxName(node.type())
            .orElseThrow(
                () ->
                    new Refusal(
                        "this operator (of operator set %d) is not supported"
                            .formatted(node.version())));
    return known -> known.same(op);
  }

  private static boolean isFoldable(OnnxNode node) {
    List<Integer> present =
        IntStream.range(0, node.inputCount()).filter(node::has).boxed().toList();
    return !present.isEmpty() && present.stream().allMatch(i -> node.numbersOrNull(i) != null);
  }
}
