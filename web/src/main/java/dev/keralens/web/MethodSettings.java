package dev.keralens.web;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.FromBaseline;
import dev.keralens.explain.Method;
import dev.keralens.explain.MethodOption;
import dev.keralens.explain.Seeded;
import dev.keralens.method.Methods;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The settings of each method: what a form shows, and what each does to the method. Those that a
 * method has of its own are its {@linkplain Method#options options}.
 */
public final class MethodSettings {
  /**
   * A setting.
   *
   * @param name as on the command line, without dashes
   * @param title what the form calls it
   * @param help what it does, in one sentence
   * @param value what it is unless something is chosen; empty for what the method finds itself
   * @param choices what can be chosen; empty for numbers
   * @param low the smallest number
   * @param high the largest number
   * @param whole whether numbers are whole
   */
  public record Field(
      String name,
      String title,
      String help,
      String value,
      List<String> choices,
      double low,
      double high,
      boolean whole) {
    /** Takes an unmodifiable copy. */
    public Field {
      choices = List.copyOf(choices);
    }

    private static Field count(
        String name, String title, String help, String value, double low, double high) {
      return new Field(name, title, help, value, List.of(), low, high, true);
    }

    private static Field choice(
        String name, String title, String help, String value, List<String> choices) {
      return new Field(name, title, help, value, choices, 0, 0, false);
    }

    private static Field of(MethodOption option) {
      return new Field(
          option.name(),
          option.title(),
          option.help(),
          option.value(),
          option.choices(),
          option.low(),
          option.high(),
          true);
    }

    /** Checks what was given, and gives it. */
    String checked(String given) {
      if (!choices.isEmpty()) {
        if (!choices.contains(given)) {
          throw new IllegalArgumentException(
              "%s is one of %s.".formatted(title, String.join(", ", choices)));
        }
        return given;
      }
      try {
        double number = whole ? Long.parseLong(given) : Double.parseDouble(given);
        if (number >= low && number <= high) {
          return given;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new IllegalArgumentException(
          "%s is a %snumber of %s to %s."
              .formatted(title, whole ? "whole " : "", plain(low), plain(high)));
    }

    private static String plain(double number) {
      return number == Math.rint(number)
          ? String.format(Locale.ROOT, "%.0f", number)
          : String.valueOf(number);
    }
  }

  /** Makes baselines of pixels, which need the model's preprocessing. */
  @FunctionalInterface
  interface Pixels {
    /** The baseline of a picture whose pixels are all the same, in [0, 255]. */
    Baseline of(float value);
  }

  private static final Field SEED =
      Field.count(
          "seed",
          "Seed",
          "The same seed draws the same numbers, and gives the same map.",
          "0",
          0,
          Integer.MAX_VALUE);

  private static final Field BASELINE =
      Field.choice(
          "baseline",
          "Baseline",
          "What stands for nothing: where evidence is taken away, this is put in.",
          "zero",
          List.of("zero", "black", "white", "mean", "blur"));

  /** What can be put around every method. */
  private static final List<Field> AROUND =
      List.of(
          Field.count(
              "smooth",
              "SmoothGrad copies",
              "The mean of the maps of so many copies of the image with noise; empty for none.",
              "",
              1,
              1000),
          new Field(
              "noise",
              "SmoothGrad noise, %",
              "The noise of the copies, as a part of the image's range.",
              "10",
              List.of(),
              0,
              100,
              false),
          Field.choice(
              "tta",
              "Test-time augmentation",
              "The mean of the maps at three more scales, each also mirrored.",
              "off",
              List.of("off", "on")));

  private MethodSettings() {}

  private static Baseline named(String name, Pixels pixels) {
    return switch (name) {
      case "black" -> pixels.of(0);
      case "white" -> pixels.of(255);
      case "mean" -> Baseline.mean();
      case "blur" -> Baseline.blur();
      default -> Baseline.ZERO;
    };
  }

  /**
   * {@return the settings of a method, then what can be put around it}
   *
   * @param method the method
   */
  public static List<Field> of(Method method) {
    List<Field> all = new ArrayList<>();
    method.options().forEach(option -> all.add(Field.of(option)));
    if (method instanceof Seeded) {
      all.add(SEED);
    }
    if (method instanceof FromBaseline) {
      all.add(BASELINE);
    }
    all.addAll(AROUND);
    return all;
  }

  /**
   * Makes a method with its settings.
   *
   * @param name the method's name
   * @param given values by the names of settings; an empty value is the default
   * @param pixels makes baselines of pixels
   * @throws IllegalArgumentException if there is no such method or setting, or a value is not
   *     possible
   */
  static Method create(String name, Map<String, String> given, Pixels pixels) {
    Methods.Row row = Methods.byNames().get(name);
    if (row == null) {
      throw new IllegalArgumentException("There is no method of that name.");
    }
    Method method = row.create();
    List<Field> fields = of(method);
    for (String setting : given.keySet()) {
      if (fields.stream().noneMatch(field -> field.name().equals(setting))) {
        throw new IllegalArgumentException("%s has no such setting.".formatted(method.title()));
      }
    }
    Function<Field, String> value =
        field -> {
          String text = given.getOrDefault(field.name(), "").strip();
          return text.isEmpty() || text.equals(field.value()) ? "" : field.checked(text);
        };
    for (MethodOption option : method.options()) {
      String text = value.apply(Field.of(option));
      if (!text.isEmpty()) {
        method = method.option(option.name()).orElseThrow().with(text);
      }
    }
    String seed = value.apply(SEED);
    if (!seed.isEmpty() && method instanceof Seeded drawing) {
      method = drawing.seed(Long.parseLong(seed));
    }
    String baseline = value.apply(BASELINE);
    if (!baseline.isEmpty() && method instanceof FromBaseline from) {
      method = from.baseline(named(baseline, pixels));
    }
    return around(method, value);
  }

  private static Method around(Method method, Function<Field, String> value) {
    Method wrapped = method;
    if (value.apply(AROUND.get(2)).equals("on")) {
      wrapped = Tta.of(wrapped).scales(0.5, 1.5, 2);
    }
    String copies = value.apply(AROUND.get(0));
    if (!copies.isEmpty()) {
      String noise = value.apply(AROUND.get(1));
      double part = noise.isEmpty() ? 10 : Double.parseDouble(noise);
      wrapped = Smooth.of(wrapped).repetitions(Integer.parseInt(copies)).relativeNoise(part / 100);
    }
    return wrapped;
  }
}
