package dev.keralens.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a node: integers, floats, texts, and lists of the first two.
 *
 * <p>Immutable; {@link #with} returns a changed copy. Equality is by content.
 */
public final class Attributes {
  /** No attributes: every one has the default that ONNX gives it. */
  public static final Attributes NONE = new Attributes(Collections.emptyMap());

  private final Map<String, Object> entries;

  private Attributes(Map<String, Object> entries) {
    this.entries = entries;
  }

  /**
   * {@return one integer attribute}
   *
   * @param name the attribute's name
   * @param value its value
   */
  public static Attributes of(String name, long value) {
    return NONE.with(name, value);
  }

  /**
   * {@return one attribute that is a list of integers}
   *
   * @param name the attribute's name
   * @param values its values
   */
  public static Attributes of(String name, int... values) {
    return NONE.with(name, values);
  }

  /**
   * {@return a copy with one integer attribute set}
   *
   * @param name the attribute's name
   * @param value its value
   */
  public Attributes with(String name, long value) {
    return put(name, value);
  }

  /**
   * {@return a copy with one float attribute set}
   *
   * @param name the attribute's name
   * @param value its value
   */
  public Attributes with(String name, float value) {
    return put(name, value);
  }

  /**
   * {@return a copy with one text attribute set}
   *
   * @param name the attribute's name
   * @param value its value
   */
  public Attributes with(String name, String value) {
    return put(name, value);
  }

  /**
   * {@return a copy with one list of integers set}
   *
   * @param name the attribute's name
   * @param values its values
   */
  public Attributes with(String name, int... values) {
    return put(name, values.clone());
  }

  /**
   * {@return a copy with one list of floats set}
   *
   * @param name the attribute's name
   * @param values its values
   */
  public Attributes with(String name, float[] values) {
    return put(name, values.clone());
  }

  /**
   * {@return a copy without one attribute}
   *
   * @param name the attribute's name
   */
  public Attributes without(String name) {
    Map<String, Object> copy = new TreeMap<>(entries);
    copy.remove(name);
    return new Attributes(copy);
  }

  private Attributes put(String name, Object value) {
    Map<String, Object> copy = new TreeMap<>(entries);
    copy.put(name, value);
    return new Attributes(copy);
  }

  /**
   * {@return whether an attribute is set}
   *
   * @param name the attribute's name
   */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * {@return an integer attribute}
   *
   * @param name the attribute's name
   * @param otherwise the value where it is not set
   */
  public int getInt(String name, int otherwise) {
    return has(name) ? Math.toIntExact(get(name, Long.class)) : otherwise;
  }

  /**
   * {@return a float attribute}
   *
   * @param name the attribute's name
   * @param otherwise the value where it is not set
   */
  public float getFloat(String name, float otherwise) {
    return has(name) ? get(name, Float.class) : otherwise;
  }

  /**
   * {@return a text attribute}
   *
   * @param name the attribute's name
   * @param otherwise the value where it is not set
   */
  public String getString(String name, String otherwise) {
    return has(name) ? get(name, String.class) : otherwise;
  }

  /**
   * {@return a list of integers, or nothing where it is not set}
   *
   * @param name the attribute's name
   */
  public int @Nullable [] getInts(String name) {
    return has(name) ? get(name, int[].class).clone() : null;
  }

  /**
   * {@return a list of integers}
   *
   * @param name the attribute's name
   * @param otherwise the values where it is not set
   */
  public int[] getInts(String name, int[] otherwise) {
    return has(name) ? get(name, int[].class).clone() : otherwise;
  }

  private <T> T get(String name, Class<T> type) {
    Object value = entries.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "Attribute '%s' is %s, expected %s."
              .formatted(name, described(value), type.getSimpleName()));
    }
    return type.cast(value);
  }

  private static String described(@Nullable Object value) {
    return value == null ? "nothing" : value.getClass().getSimpleName() + " " + text(value);
  }

  /** {@return the attributes by name: Long, Float, String, int[] or float[]} */
  public Map<String, Object> asMap() {
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attributes attributes && typed().equals(attributes.typed());
  }

  @Override
  public int hashCode() {
    return typed().hashCode();
  }

  /** The attributes as text, by name and type: 1 and 1.0 differ. */
  private Map<String, String> typed() {
    Map<String, String> out = new TreeMap<>();
    entries.forEach((name, value) -> out.put(name + value.getClass().getName(), text(value)));
    return out;
  }

  private Map<String, String> text() {
    Map<String, String> out = new TreeMap<>();
    entries.forEach((name, value) -> out.put(name, text(value)));
    return out;
  }

  private static String text(Object value) {
    if (value instanceof int[] ints) {
      return Arrays.toString(ints);
    }
    if (value instanceof float[] floats) {
      return Arrays.toString(floats);
    }
    return value.toString();
  }

  /** {@return the attributes by name, in order} */
  @Override
  public String toString() {
    return text().toString();
  }
}
