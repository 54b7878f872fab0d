package dev.keralens.onnx.read;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.keralens.graph.Constant;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.onnx.data.ModelSource;
import dev.keralens.onnx.data.TensorData;
import dev.keralens.onnx.operator.BatchFill;
import dev.keralens.onnx.operator.GraphContext;
import dev.keralens.onnx.operator.Known;
import dev.keralens.onnx.operator.Linear;
import dev.keralens.onnx.operator.Numbers;
import dev.keralens.onnx.operator.OnnxNode;
import dev.keralens.onnx.operator.OperatorTable;
import dev.keralens.onnx.operator.Refusal;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the nodes of a file into a graph, in the file's order. Sizes, and what is computed from
 * them, become numbers on the way.
 */
final class GraphReader implements GraphContext {
  private final ModelSource source;
  private final int version;
  private final boolean freesBatch;
  private final GraphBuilder builder = new GraphBuilder();
  private final Map<Constant, Value> weights = new HashMap<>();
  private final LayerList layers = new LayerList();
  private @Nullable BatchFill fill;
  private Map<String, Known> known = new LinkedHashMap<>();

  /**
   * Makes a reader.
   *
   * @param source the files
   * @param version the version of the operator set
   * @param freesBatch whether the batch has a fixed size in the file, and a free one in the graph
   */
  GraphReader(ModelSource source, int version, boolean freesBatch) {
    this.source = source;
    this.version = version;
    this.freesBatch = freesBatch;
  }

  @Override
  public int version() {
    return version;
  }

  @Override
  public boolean freesBatch() {
    return freesBatch;
  }

  @Override
  public GraphBuilder builder() {
    return builder;
  }

  LayerList layers() {
    return layers;
  }

  @Override
  public BatchFill fill() {
    BatchFill made = fill;
    if (made == null) {
      throw new Refusal("the size of the batch is needed, and no input has one");
    }
    return made;
  }

  /** Makes a value known, an input of the graph. */
  void input(String name, Value value) {
    known.put(name, new Known.Computed(value));
    if (fill == null && value.rank() > 0 && value.shape().size(0) == -1) {
      fill = new BatchFill(builder, value);
    }
  }

  /** Reads the constants and the nodes of the file's graph. */
  List<Known> read(GraphProto graph) {
    for (TensorProto tensor : graph.getInitializerList()) {
      known.put(
          tensor.getName(), new Known.Weight(tensor.getName(), constant(tensor, tensor.getName())));
    }
    NodeOrder.of(graph.getNodeList()).forEach(this::node);
    List<Known> outputs = new ArrayList<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      outputs.add(find(output.getName(), "Output '" + output.getName() + "'"));
    }
    return outputs;
  }

  @Override
  public Constant constant(TensorProto tensor, String name) {
    return TensorData.read(source, tensor, name);
  }

  /** {@return the values of the graph by their names in the file} */
  Map<String, Value> named() {
    Map<String, Value> named = new LinkedHashMap<>();
    known.forEach(
        (name, what) -> {
          if (what instanceof Known.Computed computed) {
            named.put(name, computed.value());
          }
        });
    return named;
  }

  @Override
  public List<Known> inline(GraphProto graph) {
    Map<String, Known> outside = known;
    known = new LinkedHashMap<>(outside);
    try {
      return read(graph);
    } finally {
      known = outside;
    }
  }

  private Known find(String name, String reader) {
    Known found = known.get(name);
    if (found == null) {
      throw new InvalidModelException(
          "%s of %s reads '%s', which no node before it computes."
              .formatted(reader, source.name(), name));
    }
    if (found instanceof Known.Missing missing) {
      throw new UnsupportedModelException(
          "%s of %s reads '%s': %s.".formatted(reader, source.name(), name, missing.why()));
    }
    return found;
  }

  private void node(NodeProto proto) {
    String name = "Node '%s' (%s)".formatted(name(proto), proto.getOpType());
    String scope = builder.scope(name(proto));
    try {
      List<@Nullable Known> inputs = new ArrayList<>();
      for (String input : proto.getInputList()) {
        inputs.add(input.isEmpty() ? null : find(input, name));
      }
      OnnxNode node = new OnnxNode(proto, this, inputs);
      List<? extends Known> outputs = OperatorTable.of(node, proto.getDomain()).apply(node);
      keep(proto, outputs);
      layers.add(name(proto), proto, inputs, outputs);
    } catch (Refusal e) {
      throw new UnsupportedModelException(
          "%s of %s: %s.".formatted(name, source.name(), Printable.reason(e)), e);
    } catch (ArithmeticException | NegativeArraySizeException e) {
      throw new NodeMismatchException(
          "%s of %s: its sizes lead to more than %d, the most that an axis or an array may have: %s."
              .formatted(Printable.name(name), source.name(), Integer.MAX_VALUE, shown(proto)),
          e);
    } catch (IndexOutOfBoundsException e) {
      throw new NodeMismatchException(
          "%s of %s: it names an axis or a position that is not there: %s."
              .formatted(Printable.name(name), source.name(), shown(proto)),
          e);
    } catch (IllegalArgumentException e) {
      throw new NodeMismatchException(
          "%s of %s: %s".formatted(name, source.name(), sentence(e)), e);
    } finally {
      builder.scope(scope);
    }
  }

  /** The operator and what is known of its inputs. */
  private String shown(NodeProto proto) {
    List<String> inputs = new ArrayList<>();
    for (String input : proto.getInputList()) {
      Known value = known.get(input);
      String type =
          value == null || value instanceof Known.Missing ? "" : " " + value.type() + value.shape();
      inputs.add(Printable.name(input) + type);
    }
    return proto.getOpType() + " of " + Printable.message(String.join(", ", inputs));
  }

  private static String sentence(RuntimeException e) {
    String text = Printable.reason(e);
    return text.endsWith(".") ? text : text + ".";
  }

  /** {@return the node's name, or that of what it gives} */
  static String name(NodeProto proto) {
    return proto.getName().isEmpty() && proto.getOutputCount() > 0
        ? proto.getOutput(0)
        : proto.getName();
  }

  private void keep(NodeProto proto, List<? extends Known> outputs) {
    for (int i = 0; i < proto.getOutputCount(); i++) {
      Known output =
          i < outputs.size()
              ? outputs.get(i)
              : new Known.Missing("output %d of this operator is not supported".formatted(i));
      if (output instanceof Known.Computed computed) {
        builder.keep(computed.value());
      }
      if (!proto.getOutput(i).isEmpty()
          && known.put(proto.getOutput(i), output) instanceof Known.Computed) {
        throw new InvalidModelException(
            "'%s' of %s is computed twice.".formatted(proto.getOutput(i), source.name()));
      }
    }
  }

  @Override
  public Value value(Known from) {
    if (from instanceof Known.Computed computed) {
      return computed.value();
    }
    if (from instanceof Known.Merged) {
      throw new Refusal("it reads rows in which the batch is not the outer axis");
    }
    if (from instanceof Known.Weight weight) {
      return weights.computeIfAbsent(
          weight.constant(), constant -> builder.constant(weight.name(), constant));
    }
    if (from instanceof Known.Uniform uniform) {
      Numbers one = Numbers.scalar(uniform.type(), Linear.of(uniform.number()));
      Value number = builder.constant(one.tensor());
      return uniform.shape().hasBatch()
          ? fill().expand(number, uniform.shape())
          : builder.expand(number, uniform.shape());
    }
    if (from instanceof Known.Folded folded) {
      Tensor tensor = folded.numbers().tensor();
      return builder.constant(tensor);
    }
    throw new IllegalArgumentException(((Known.Missing) from).why());
  }
}
