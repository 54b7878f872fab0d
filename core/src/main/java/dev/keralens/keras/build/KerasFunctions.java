package dev.keralens.keras.build;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Functions of {@code keras.ops} on images, as a functional model holds them. */
public final class KerasFunctions {
  private static final String MODULE = "keras.src.ops.numpy";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private KerasFunctions() {}

  /**
   * {@return an image with a margin, {@code keras.ops.pad}}
   *
   * @param b the model that it belongs to
   * @param x an image
   * @param margin how wide the margin is on each side
   * @param fill what it is filled with
   */
  public static SymbolicTensor pad(ModelBuilder b, SymbolicTensor x, int margin, double fill) {
    int[] shape = x.shape();
    for (int axis = 0; axis < 2; axis++) {
      shape[axis] += shape[axis] == ModelBuilder.OPEN ? 0 : 2 * margin;
    }
    int[][] width = {{0, 0}, {margin, margin}, {margin, margin}, {0, 0}};
    return call(
        b,
        "Pad",
        x,
        shape,
        Map.of("pad_width", width, "mode", "constant", "constant_values", fill));
  }

  /**
   * {@return an image's channels in parts of equal size, {@code keras.ops.split}}
   *
   * @param b the model that it belongs to
   * @param x an image
   * @param parts how many parts
   * @throws IllegalArgumentException if the channels cannot be split so
   */
  public static List<SymbolicTensor> split(ModelBuilder b, SymbolicTensor x, int parts) {
    if (parts < 1 || x.channels() % parts != 0) {
      throw new IllegalArgumentException(
          "%d channels cannot be split in %d equal parts.".formatted(x.channels(), parts));
    }
    int[] shape = x.shape();
    shape[shape.length - 1] /= parts;
    Map<String, ?> arguments = Map.of("indices_or_sections", parts, "axis", -1);
    SymbolicTensor first = call(b, "Split", x, shape, arguments);
    return IntStream.range(0, parts)
        .mapToObj(i -> new SymbolicTensor(b, first.operation(), first.node(), i, shape))
        .toList();
  }

  /**
   * {@return one token of a sequence, {@code x[:, place]}}
   *
   * @param b the model that it belongs to
   * @param x (tokens, features)
   * @param place the token, from 0
   */
  public static SymbolicTensor token(ModelBuilder b, SymbolicTensor x, int place) {
    ArrayNode key = JsonNodeFactory.instance.arrayNode();
    ObjectNode all = key.addObject().put("class_name", "__slice__");
    all.putObject("config").putNull("start").putNull("stop").putNull("step");
    key.add(place);
    int[] shape = Arrays.copyOfRange(x.shape(), 1, x.shape().length);
    return call(b, "GetItem", List.of(x, key), shape, Map.of());
  }

  /**
   * {@return the mean over all axes but the last, {@code keras.ops.mean}}
   *
   * @param b the model that it belongs to
   * @param x (tokens, features) or (height, width, features)
   */
  public static SymbolicTensor mean(ModelBuilder b, SymbolicTensor x) {
    int[] axes = IntStream.range(1, x.shape().length).toArray();
    return call(b, "Mean", x, new int[] {x.channels()}, Map.of("axis", axes, "keepdims", false));
  }

  private static SymbolicTensor call(
      ModelBuilder b, String className, SymbolicTensor x, int[] shape, Map<String, ?> arguments) {
    return call(b, className, List.of(x), shape, arguments);
  }

  private static SymbolicTensor call(
      ModelBuilder b,
      String className,
      List<Object> operands,
      int[] shape,
      Map<String, ?> arguments) {
    operands.stream()
        .filter(SymbolicTensor.class::isInstance)
        .forEach(operand -> b.checkOwn((SymbolicTensor) operand));
    String name = b.autoName(className);
    ObjectNode config = JsonNodeFactory.instance.objectNode().put("name", name);
    arguments.forEach((key, value) -> config.set(key, MAPPER.valueToTree(value)));
    Operation operation = new Operation(MODULE, className, name, config);
    b.register(operation);
    int node = operation.call(new Operation.Call(operands, shape));
    return new SymbolicTensor(b, operation, node, shape);
  }
}
