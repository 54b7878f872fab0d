package dev.keralens.keras.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntBiFunction;
import java.util.regex.Pattern;

/**
 * The names that Keras gives the members of a list of layers when it saves an object tree. Layers'
 * own names do not count; the name is the class in snake case, and {@code _1}, {@code _2} behind it
 * from the second of its class.
 *
 * <p>Two versions differ. Up to Keras 2.13 the list named each layer that has weights twice over,
 * so there the number grows by two after such a layer. In Keras 2.14 and 2.15 a layer that was
 * saved before, being part of another model too, gets no name, so that the number does not grow.
 */
final class ContainerNames {
  private static final Pattern WORD = Pattern.compile("(.)([A-Z][a-z]+)");
  private static final Pattern CASE = Pattern.compile("([a-z])([A-Z])");

  /** Classes whose name in the architecture is not that of the Python class, which counts here. */
  private static final Map<String, String> PYTHON_NAMES =
      Map.of("GroupQueryAttention", "GroupedQueryAttention");

  private ContainerNames() {}

  /**
   * {@return the member's name for each member}
   *
   * @param members the layers of a list
   * @param steps given a member and its name, by how much its class's number grows
   */
  static Map<LayerNode, String> of(
      List<LayerNode> members, ToIntBiFunction<LayerNode, String> steps) {
    Map<LayerNode, String> names = new HashMap<>();
    Map<String, Integer> used = new HashMap<>();
    for (LayerNode member : members) {
      String base = snakeCase(PYTHON_NAMES.getOrDefault(member.className(), member.className()));
      int number = used.getOrDefault(base, 0);
      String name = number == 0 ? base : base + "_" + number;
      names.put(member, name);
      used.put(base, number + steps.applyAsInt(member, name));
    }
    return names;
  }

  /** {@return a class name as Keras turns it to snake case: {@code Conv2D} is {@code conv2d}} */
  static String snakeCase(String className) {
    String plain = className.replaceAll("\\W+", "");
    String words = WORD.matcher(plain).replaceAll("$1_$2");
    return CASE.matcher(words).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
  }
}
