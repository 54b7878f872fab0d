package dev.keralens.keras.hub.argument;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.text.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a constructor of KerasHub, as its file holds them. Remembers which were read:
 * one that nobody read is one that is not known here, and is refused.
 *
 * <p>Serves one expansion.
 */
public final class HubArguments {
  /** Larger than any number of filters, blocks or sizes that is used. */
  private static final int LARGEST = 1 << 20;

  /** Where a model that was written out has what its constructor was called with. */
  public static final String CONSTRUCTOR = "constructor";

  /** Where a backbone that was written out has the levels of its pyramid. */
  public static final String LEVELS = "levels";

  /** Where a model that was written out has the shapes of what it gives, by key. */
  public static final String GIVES = "output_shapes";

  private static final int MOST_BLOCKS = 2_000;

  private final String file;
  private final String className;
  private final JsonNode config;
  private final Set<String> read = new TreeSet<>();
  private final Map<String, SymbolicTensor> results = new TreeMap<>();
  private JsonNode backbone = MissingNode.getInstance();
  private JsonNode picture = MissingNode.getInstance();
  private final Map<String, SymbolicTensor> pyramid = new TreeMap<>();
  private final Map<String, SymbolicTensor> outputs = new TreeMap<>();
  private final List<String> leftOut = new ArrayList<>();

  public HubArguments(String file, String className, JsonNode config) {
    this.file = file;
    this.className = className;
    this.config = config;
  }

  /** Says what shape the pictures have that a task's backbone takes. */
  public void size(JsonNode batchShape) {
    picture = batchShape;
  }

  /** {@return height and width of the pictures that a task's backbone takes} */
  public int[] pictureSize() {
    int[] size = {picture.path(1).asInt(-1), picture.path(2).asInt(-1)};
    if (size[0] < 1 || size[1] < 1) {
      throw unsupported("its backbone leaves the size of pictures open, which it needs.");
    }
    return size;
  }

  /** Says what a backbone gives on a level of its pyramid. */
  public void level(String key, SymbolicTensor features) {
    pyramid.put(key, features);
  }

  /** {@return the levels of a backbone's pyramid, in Keras' order} */
  public Map<String, SymbolicTensor> levels() {
    return pyramid;
  }

  /** Says that a backbone gives several tensors, or a task takes them: each with its key. */
  public void output(String key, SymbolicTensor tensor) {
    outputs.put(key, tensor);
  }

  /** {@return several tensors by key, in Keras' order; empty for a backbone that gives one} */
  public Map<String, SymbolicTensor> outputs() {
    return outputs;
  }

  /** Says that a task gives several tensors, each with its key. */
  public void give(String key, SymbolicTensor tensor) {
    results.put(key, tensor);
  }

  /** {@return what a task gives, by key, in Keras' order; empty for one that gives one tensor} */
  public Map<String, SymbolicTensor> results() {
    return results;
  }

  /** {@return a tensor that a task takes, by its key} */
  public SymbolicTensor output(String key) {
    SymbolicTensor tensor = outputs.get(key);
    if (tensor == null) {
      throw invalid("its backbone gives %s, expected '%s'.".formatted(outputs.keySet(), key));
    }
    return tensor;
  }

  private JsonNode get(String key) {
    read.add(key);
    return config.path(key);
  }

  /** {@return an argument that may be None, which it is too where it is left out} */
  public @Nullable JsonNode find(String key) {
    JsonNode value = get(key);
    return value.isMissingNode() || value.isNull() ? null : value;
  }

  private JsonNode required(String key) {
    JsonNode value = find(key);
    if (value == null) {
      throw invalid("its argument '%s' is missing.".formatted(key));
    }
    return value;
  }

  /** {@return a model among the arguments, which was written out} */
  public ObjectNode model(String key) {
    if (!(find(key) instanceof ObjectNode model) || !model.path("config").has("layers")) {
      throw unsupported("its %s is no model that is read.".formatted(key));
    }
    return model;
  }

  /** {@return what a model among the arguments, which was written out, was made with} */
  public HubArguments argumentsOf(String key) {
    ObjectNode model = model(key);
    return new HubArguments(
        file, model.path("class_name").asText(), model.path("config").path(CONSTRUCTOR));
  }

  /**
   * Says which of the file's layers are left out knowingly, by the names that their weights have.
   */
  public void leaveOut(String... members) {
    leftOut.addAll(List.of(members));
  }

  /** {@return the layers of the file that are left out} */
  public List<String> leftOut() {
    return leftOut;
  }

  /** Reads arguments that change nothing outside of training. */
  public void skip(String... keys) {
    read.addAll(List.of(keys));
  }

  public String text(String key) {
    return text(key, required(key));
  }

  public String text(String key, String otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : text(key, value);
  }

  private String text(String key, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(key, value, "a text");
    }
    return value.textValue();
  }

  /** {@return a text that is one of several} */
  public String choice(String key, String... choices) {
    String value = text(key);
    if (!List.of(choices).contains(value)) {
      throw unsupported(
          "%s='%s' is not known; known are %s."
              .formatted(key, Printable.name(value), List.of(choices)));
    }
    return value;
  }

  public boolean flag(String key, boolean otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : flag(key, value);
  }

  private boolean flag(String key, JsonNode value) {
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.booleanValue();
  }

  public int integer(String key) {
    return integer(key, required(key));
  }

  public int integer(String key, int otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : integer(key, value);
  }

  private int integer(String key, JsonNode value) {
    if (!value.isNumber()
        || value.doubleValue() != value.intValue()
        || Math.abs((long) value.intValue()) > LARGEST) {
      throw wrong(key, value, "a whole number");
    }
    return value.intValue();
  }

  public double number(String key) {
    return number(key, required(key));
  }

  /** {@return an argument of any kind, as the file has it} */
  public Object any(String key, Object otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : value;
  }

  /** {@return a member of a list of lists, one for each block of each stack} */
  public JsonNode at(String key, int stack, int block) {
    JsonNode value = required(key).path(stack).path(block);
    if (value.isMissingNode()) {
      throw invalid("%s has nothing for block %d of stack %d.".formatted(key, block, stack));
    }
    return value;
  }

  public double number(String key, double otherwise) {
    JsonNode value = find(key);
    return value == null ? otherwise : number(key, value);
  }

  private double number(String key, JsonNode value) {
    if (!value.isNumber()) {
      throw wrong(key, value, "a number");
    }
    return value.doubleValue();
  }

  /** {@return a list, of which each member is read by what is given} */
  private <T> List<T> list(String key, JsonNode value, Member<T> member) {
    if (!value.isArray()) {
      throw wrong(key, value, "a list");
    }
    List<T> members = new ArrayList<>();
    value.forEach(item -> members.add(member.read(key, item)));
    return members;
  }

  private interface Member<T> {
    T read(String key, JsonNode value);
  }

  public List<Integer> integers(String key) {
    return list(key, required(key), this::integer);
  }

  public List<List<Integer>> integerLists(String key) {
    return list(key, required(key), (k, value) -> list(k, value, this::integer));
  }

  public List<Double> numbers(String key) {
    return list(key, required(key), this::number);
  }

  /** {@return a list of numbers, which a single one may stand for} */
  public List<Double> oneOrMore(String key, double otherwise) {
    JsonNode value = find(key);
    if (value == null || value.isNumber()) {
      return List.of(value == null ? otherwise : number(key, value));
    }
    List<Double> values = numbers(key);
    if (values.isEmpty()) {
      throw wrong(key, value, "one or more numbers");
    }
    return values;
  }

  public List<Boolean> flags(String key) {
    return list(key, required(key), this::flag);
  }

  public List<String> texts(String key) {
    return list(key, required(key), this::text);
  }

  /** {@return how many blocks there are in each stack} */
  public List<Integer> blocks(String key) {
    List<Integer> counts = integers(key);
    checkBlocks(counts.stream().mapToLong(Integer::longValue).sum());
    return counts;
  }

  /** Refuses more blocks than any network has. */
  public void checkBlocks(long count) {
    if (count > MOST_BLOCKS) {
      throw unsupported("it has %d blocks; at most %d are built.".formatted(count, MOST_BLOCKS));
    }
  }

  /** Refuses lists that say something of each stack and are not of one length. */
  public void sameLength(String keys, Collection<?>... lists) {
    for (Collection<?> list : lists) {
      if (list.isEmpty() || list.size() != lists[0].size()) {
        throw invalid("%s must have one length above 0.".formatted(keys));
      }
    }
  }

  /** {@return the shape of an image without the batch, {@link ModelBuilder#OPEN} where open} */
  public int[] shape(String key) {
    JsonNode value = find(key);
    if (value == null) {
      return new int[] {ModelBuilder.OPEN, ModelBuilder.OPEN, 3};
    }
    int[] shape =
        list(key, value, (k, size) -> size.isNull() ? ModelBuilder.OPEN : integer(k, size)).stream()
            .mapToInt(Integer::intValue)
            .toArray();
    if (shape.length != 3) {
      throw wrong(key, value, "(height, width, channels)");
    }
    return shape;
  }

  /** {@return what a backbone that is an argument gives on a level} */
  public SymbolicTensor level(Map<String, SymbolicTensor> levels, String key) {
    SymbolicTensor level = levels.get(key);
    if (level == null) {
      throw invalid("its backbone has the levels %s, not '%s'.".formatted(levels.keySet(), key));
    }
    return level;
  }

  /** {@return a shape without the batch, {@link ModelBuilder#OPEN} where open} */
  public int[] sizes(String key, JsonNode batchShape) {
    List<Integer> sizes =
        list(key, batchShape, (k, size) -> size.isNull() ? ModelBuilder.OPEN : integer(k, size));
    return sizes.stream().skip(1).mapToInt(Integer::intValue).toArray();
  }

  /** {@return an argument that a task's backbone was made with} */
  public JsonNode ofBackbone(String key) {
    return backbone.path(key);
  }

  /** Says what a task's backbone was made with. */
  public void backbone(JsonNode arguments) {
    backbone = arguments;
  }

  /** {@return the levels of the pyramid of a backbone that is an argument} */
  public Levels encoder(String key) {
    JsonNode given = required(key);
    if (!(given.path("config").path(LEVELS) instanceof ObjectNode levels)) {
      throw unsupported(
          "its %s is of the class '%s', whose pyramid is not read."
              .formatted(key, Printable.name(given.path("class_name").asText())));
    }
    return new Levels(
        (ObjectNode) levels.path("config").deepCopy(), shapes(key, levels.path("shapes")));
  }

  /** {@return what a backbone that is an argument gives} */
  public Levels outputsOf(String key) {
    JsonNode config = model(key).path("config");
    return new Levels((ObjectNode) config.deepCopy(), shapes(key, config.path(GIVES)));
  }

  private Map<String, int[]> shapes(String key, JsonNode given) {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    given
        .properties()
        .forEach(
            level ->
                shapes.put(
                    level.getKey(),
                    list(key, level.getValue(), this::integer).stream()
                        .mapToInt(Integer::intValue)
                        .toArray()));
    return shapes;
  }

  /** {@return the shape of an image whose height and width are known} */
  public int[] knownImage(String key) {
    required(key);
    int[] shape = shape(key);
    if (shape[0] < 1 || shape[1] < 1 || shape[2] < 1) {
      throw wrong(key, required(key), "a known height, width and number of channels");
    }
    return shape;
  }

  /** {@return two sizes, which a single one may stand for} */
  public int[] pair(String key) {
    JsonNode value = required(key);
    List<Integer> sizes =
        value.isArray() ? list(key, value, this::integer) : List.of(integer(key), integer(key));
    if (sizes.size() != 2 || sizes.get(0) < 1 || sizes.get(1) < 1) {
      throw wrong(key, value, "one or two sizes above 0");
    }
    return new int[] {sizes.get(0), sizes.get(1)};
  }

  /** Refuses sizes of an image that are not multiples of others. */
  public void divides(String key, int[] image, String by, int... sizes) {
    if (image[0] % sizes[0] != 0 || image[1] % sizes[1] != 0) {
      throw invalid(
          "%s=%s is no multiple of %s=%s."
              .formatted(key, Arrays.toString(image), by, Arrays.toString(sizes)));
    }
  }

  /** Refuses images whose channels come first. */
  public void channelsLast() {
    String format = text("data_format", "channels_last");
    if (!format.equals("channels_last")) {
      throw unsupported("data_format='%s' is not read.".formatted(Printable.name(format)));
    }
  }

  /**
   * Reads the arguments that all classes have.
   *
   * <p>A precision of 16 bits is read as 32 bits, as for all layers. A map of precisions is that of
   * a quantized model.
   */
  public void common() {
    skip("name", "trainable");
    JsonNode type = find("dtype");
    String policy = type == null ? "" : type.path("class_name").asText("");
    if (!policy.isEmpty() && !policy.equals("DTypePolicy")) {
      throw unsupported(
          "dtype is a %s: quantized models are not read.".formatted(Printable.name(policy)));
    }
  }

  /** Refuses arguments that were not read. */
  public void finish() {
    List<String> unknown = new ArrayList<>();
    config.fieldNames().forEachRemaining(unknown::add);
    unknown.removeAll(read);
    if (!unknown.isEmpty()) {
      throw unsupported(
          "its arguments %s are not known; known are %s."
              .formatted(unknown.stream().map(Printable::name).toList(), read));
    }
  }

  private InvalidModelException wrong(String key, JsonNode value, String expected) {
    String text = value.toString();
    return invalid(
        "%s=%s, expected %s."
            .formatted(key, text.length() > 60 ? text.substring(0, 60) + ".." : text, expected));
  }

  public InvalidModelException invalid(String problem) {
    return new InvalidModelException(message(problem));
  }

  public UnsupportedModelException unsupported(String problem) {
    return new UnsupportedModelException(message(problem));
  }

  public String message(String problem) {
    return "KerasHub's %s in %s: %s".formatted(className, file, problem);
  }
}
