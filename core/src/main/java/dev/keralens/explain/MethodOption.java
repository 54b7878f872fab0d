package dev.keralens.explain;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A setting of a method that has a name: what a form shows of it, and the method with another
 * value. The command line and the page offer what {@link Method#options} lists.
 */
public final class MethodOption {
  private final String name;
  private final String title;
  private final String help;
  private final String value;
  private final List<String> choices;
  private final int low;
  private final int high;
  private final Function<String, Method> change;

  private MethodOption(
      String name,
      String title,
      String help,
      String value,
      List<String> choices,
      int low,
      int high,
      Function<String, Method> change) {
    this.name = name;
    this.title = title;
    this.help = help;
    this.value = value;
    this.choices = List.copyOf(choices);
    this.low = low;
    this.high = high;
    this.change = change;
  }

  /**
   * {@return a setting that is a whole number}
   *
   * @param name as on the command line, without dashes
   * @param title what a form calls it
   * @param help what it does, in one sentence
   * @param value what it is; 0 where the method finds it itself
   * @param low the smallest number that a form offers
   * @param high the largest number that a form offers
   * @param change gives the method with another number
   */
  public static MethodOption count(
      String name,
      String title,
      String help,
      int value,
      int low,
      int high,
      IntFunction<? extends Method> change) {
    return new MethodOption(
        name,
        title,
        help,
        value == 0 ? "" : String.valueOf(value),
        List.of(),
        low,
        high,
        text -> change.apply(Integer.parseInt(text)));
  }

  /**
   * {@return how many steps lead from a baseline to the input}
   *
   * @param value how many there are
   * @param change gives the method with another number
   */
  public static MethodOption steps(int value, IntFunction<? extends Method> change) {
    return count(
        "steps",
        "Steps",
        "How many steps lead from the baseline to the image: more are slower and more exact.",
        value,
        1,
        2000,
        change);
  }

  /**
   * {@return how many passes there are over changed inputs}
   *
   * @param title what a form calls them, such as Masks
   * @param help what they are, in one sentence
   * @param value how many there are
   * @param low the smallest number that makes sense
   * @param change gives the method with another number
   */
  public static MethodOption samples(
      String title, String help, int value, int low, IntFunction<? extends Method> change) {
    return count("samples", title, help, value, low, 100_000, change);
  }

  /**
   * {@return a setting that is one of several names, those of the constants in lower case}
   *
   * @param name as on the command line, without dashes
   * @param title what a form calls it
   * @param help what it does, in one sentence
   * @param value what it is
   * @param change gives the method with another constant
   * @param <E> what can be chosen
   */
  public static <E extends Enum<E>> MethodOption choice(
      String name, String title, String help, E value, Function<E, ? extends Method> change) {
    Class<E> type = value.getDeclaringClass();
    return new MethodOption(
        name,
        title,
        help,
        word(value),
        Arrays.stream(type.getEnumConstants()).map(MethodOption::word).toList(),
        0,
        0,
        text -> change.apply(Enum.valueOf(type, text.toUpperCase(Locale.ROOT))));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** {@return the name on the command line, without dashes} */
  public String name() {
    return name;
  }

  /** {@return what a form calls it} */
  public String title() {
    return title;
  }

  /** {@return what it does, in one sentence} */
  public String help() {
    return help;
  }

  /** {@return what it is; empty where the method finds it itself} */
  public String value() {
    return value;
  }

  /** {@return what can be chosen; empty for numbers} */
  public List<String> choices() {
    return choices;
  }

  /** {@return the smallest number that a form offers} */
  public int low() {
    return low;
  }

  /** {@return the largest number that a form offers} */
  public int high() {
    return high;
  }

  /**
   * {@return the method with another value}
   *
   * @param text a number, or one of the choices
   * @throws IllegalArgumentException if it is no such value, or the method cannot have it
   */
  public Method with(String text) {
    return change.apply(text);
  }
}
