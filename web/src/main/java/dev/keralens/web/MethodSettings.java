package dev.keralens.web;

import dev.keralens.explain.Baseline;
import dev.keralens.explain.Method;
import dev.keralens.method.BlurIg;
import dev.keralens.method.DRise;
import dev.keralens.method.DeepLift;
import dev.keralens.method.ExpectedGradients;
import dev.keralens.method.GuidedIg;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.KernelShap;
import dev.keralens.method.Lime;
import dev.keralens.method.Methods;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Superpixels;
import dev.keralens.method.Tta;
import dev.keralens.method.Xrai;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The settings of each method: what a form shows, and what each does to the method.
 *
 * <p>To add one: a row in {@link #ROWS}, with the name that it has on the command line. {@code
 * MethodSettingsTest} holds the defaults to those of the methods.
 */
public final class MethodSettings {
  private static final int MOST_PASSES = 100_000;

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

    private static Field seed(String of) {
      return count(
          "seed", "Seed", "The same seed draws the same " + of + ".", "0", 0, Integer.MAX_VALUE);
    }

    private static Field baseline() {
      return choice(
          "baseline",
          "Baseline",
          "What stands for nothing: where evidence is taken away, this is put in.",
          "zero",
          List.of("zero", "black", "white", "mean", "blur"));
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

  /** What a setting does. */
  private record Row(Class<? extends Method> type, Field field, Change change) {
    static <M extends Method> Row of(Class<M> type, Field field, BiFunction<M, String, M> change) {
      return new Row(
          type, field, (method, value, pixels) -> change.apply(type.cast(method), value));
    }

    static <M extends Method> Row baseline(Class<M> type, BiFunction<M, Baseline, M> change) {
      return new Row(
          type,
          Field.baseline(),
          (method, value, pixels) -> change.apply(type.cast(method), named(value, pixels)));
    }
  }

  /** Changes a method. */
  @FunctionalInterface
  private interface Change {
    Method apply(Method method, String value, Pixels pixels);
  }

  private static final String STEPS_HELP =
      "How many steps lead from the baseline to the image: more are slower and more exact.";

  private static final List<Row> ROWS =
      List.of(
          Row.of(
              IntegratedGradients.class,
              Field.count("steps", "Steps", STEPS_HELP, "50", 1, 2000),
              (m, v) -> m.steps(Integer.parseInt(v))),
          Row.of(
              IntegratedGradients.class,
              Field.choice(
                  "rule",
                  "Rule",
                  "How the steps are placed and weighed.",
                  "gauss",
                  List.of("gauss", "riemann_middle", "trapezoid")),
              (m, v) -> m.rule(IntegratedGradients.Rule.valueOf(v.toUpperCase(Locale.ROOT)))),
          Row.baseline(IntegratedGradients.class, IntegratedGradients::baseline),
          Row.of(
              GuidedIg.class,
              Field.count("steps", "Steps", STEPS_HELP, "200", 1, 2000),
              (m, v) -> m.steps(Integer.parseInt(v))),
          Row.baseline(GuidedIg.class, GuidedIg::baseline),
          Row.of(
              BlurIg.class,
              Field.count("steps", "Steps", STEPS_HELP, "100", 1, 2000),
              (m, v) -> m.steps(Integer.parseInt(v))),
          Row.of(
              Xrai.class,
              Field.count("steps", "Steps", STEPS_HELP, "100", 1, 2000),
              (m, v) -> m.steps(Integer.parseInt(v))),
          Row.baseline(DeepLift.class, DeepLift::baseline),
          Row.of(
              Occlusion.class,
              Field.count(
                  "window",
                  "Window",
                  "The side of the window that is hidden, in pixels of the input; empty for a"
                      + " seventh.",
                  "",
                  1,
                  10_000),
              (m, v) -> m.window(Integer.parseInt(v))),
          Row.of(
              Occlusion.class,
              Field.count(
                  "stride",
                  "Stride",
                  "How far apart windows begin, in pixels; empty for half a window.",
                  "",
                  1,
                  10_000),
              (m, v) -> m.stride(Integer.parseInt(v))),
          Row.baseline(Occlusion.class, Occlusion::baseline),
          Row.of(
              Rise.class,
              Field.count(
                  "samples",
                  "Masks",
                  "How many random masks are tried: fewer are faster and noisier.",
                  "4000",
                  1,
                  MOST_PASSES),
              (m, v) -> m.masks(Integer.parseInt(v))),
          Row.of(Rise.class, Field.seed("masks"), (m, v) -> m.seed(Long.parseLong(v))),
          Row.baseline(Rise.class, Rise::baseline),
          Row.of(
              DRise.class,
              Field.count(
                  "samples",
                  "Masks",
                  "How many random masks are tried: fewer are faster and noisier.",
                  "5000",
                  1,
                  MOST_PASSES),
              (m, v) -> m.masks(Integer.parseInt(v))),
          Row.of(DRise.class, Field.seed("masks"), (m, v) -> m.seed(Long.parseLong(v))),
          Row.baseline(DRise.class, DRise::baseline),
          Row.of(
              Lime.class,
              Field.count(
                  "samples",
                  "Samples",
                  "How many pictures with missing pieces are tried.",
                  "1000",
                  2,
                  MOST_PASSES),
              (m, v) -> m.samples(Integer.parseInt(v))),
          Row.of(Lime.class, pieces(), (m, v) -> m.superpixels(slic(v))),
          Row.of(Lime.class, Field.seed("samples"), (m, v) -> m.seed(Long.parseLong(v))),
          Row.baseline(Lime.class, Lime::baseline),
          Row.of(
              KernelShap.class,
              Field.count(
                  "samples",
                  "Samples",
                  "How many pictures with missing pieces are tried.",
                  "1000",
                  2,
                  MOST_PASSES),
              (m, v) -> m.samples(Integer.parseInt(v))),
          Row.of(KernelShap.class, pieces(), (m, v) -> m.superpixels(slic(v))),
          Row.of(KernelShap.class, Field.seed("samples"), (m, v) -> m.seed(Long.parseLong(v))),
          Row.baseline(KernelShap.class, KernelShap::baseline),
          Row.of(
              ExpectedGradients.class,
              Field.count(
                  "samples", "Samples", "How many baselines are drawn.", "100", 1, MOST_PASSES),
              (m, v) -> m.samples(Integer.parseInt(v))),
          Row.of(
              ExpectedGradients.class,
              Field.seed("baselines"),
              (m, v) -> m.seed(Long.parseLong(v))),
          Row.of(
              ScoreCam.class,
              Field.count(
                  "max-channels",
                  "Channels",
                  "Only so many channels mask the image, those of the highest variance; empty for"
                      + " all.",
                  "",
                  1,
                  MOST_PASSES),
              (m, v) -> m.maxChannels(Integer.parseInt(v))));

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

  private static Field pieces() {
    return Field.count(
        "pieces", "Pieces", "Into how many pieces the image is divided, about.", "50", 2, 1000);
  }

  private static Superpixels slic(String pieces) {
    return Superpixels.slic(Integer.parseInt(pieces));
  }

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
    ROWS.stream().filter(row -> row.type().isInstance(method)).forEach(row -> all.add(row.field()));
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
    for (Row change : ROWS) {
      if (change.type().isInstance(method)) {
        String text = value.apply(change.field());
        if (!text.isEmpty()) {
          method = change.change().apply(method, text, pixels);
        }
      }
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
