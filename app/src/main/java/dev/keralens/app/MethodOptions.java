package dev.keralens.app;

import dev.keralens.explain.Method;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How methods work, and what is wrapped around them. */
final class MethodOptions {
  private static final String SMOOTH = "20:10%";
  private static final String TTA = "0.5,1.5,2";

  /** SCALES, how they weigh. */
  private static final Pattern WEIGHING = Pattern.compile("([\\d.,eE+-]+)(?::(raw|alike))?");

  /** REPETITIONS, NOISE with or without %, FORM. */
  private static final Pattern SMOOTHING =
      Pattern.compile("(\\d{1,6})(?::([\\d.eE-]+)(%)?)?(?::(mean|square|variance))?");

  @Option(
      names = "--smooth",
      arity = "0..1",
      fallbackValue = SMOOTH,
      preprocessor = OptionalNumber.class,
      paramLabel = "REPETITIONS[:NOISE[:FORM]]",
      description =
          "SmoothGrad around each method: the mean of its maps over so many copies of the input"
              + " with noise. NOISE is its standard deviation, with %% as a part of the image's"
              + " range, else in units of the input. FORM is mean, square (SmoothGrad squared) or"
              + " variance (VarGrad). Without a value: 20:10%%:mean.")
  private @Nullable String smooth;

  @Option(
      names = "--tta",
      arity = "0..1",
      fallbackValue = TTA,
      preprocessor = OptionalNumber.class,
      paramLabel = "SCALES[:raw]",
      description =
          "Test-time augmentation around each method: the mean of its maps over the input as it is"
              + " and at these scales, each also mirrored. Scales weigh alike; with :raw, maps are"
              + " added as they are, as keras-explainable does, and the smallest often outweighs."
              + " Without a value: "
              + TTA
              + ".")
  private @Nullable String tta;

  @Option(names = "--no-flip", description = "Leave out the mirrored passes of --tta.")
  private boolean noFlip;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "The seed of the noise of --smooth and of what rise, drise, lime, kernelshap and"
              + " expected_gradients draw: the same one, the same maps (default: 0).")
  private @Nullable Long seed;

  @Mixin private PassOptions passes = new PassOptions();

  /** Takes the next word as the option's value only where it is a number, not the next file. */
  static final class OptionalNumber implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (!words.isEmpty()
          && words.peek().matches("[\\d.][\\d.,:%eE+-]*(mean|square|variance|raw|alike)?")) {
        return false;
      }
      if (info.get("separator") != null && !String.valueOf(info.get("separator")).isBlank()) {
        return false;
      }
      option.setValue(option.isOption() ? fallback(option) : null);
      return true;
    }

    private static String fallback(ArgSpec option) {
      return ((picocli.CommandLine.Model.OptionSpec) option).fallbackValue();
    }
  }

  /**
   * The methods of names, with what is wrapped around them.
   *
   * @param methods the names
   * @param subject what is explained; null before it is known, to check the options
   * @throws UsageException if an option does not make sense
   * @throws IOException if a file that an option names cannot be read
   */
  MethodChoice choice(List<String> methods, @Nullable Subject subject) throws IOException {
    MethodChoice plain = MethodChoice.of(methods);
    if (noFlip && tta == null) {
      throw new UsageException("--no-flip has no effect without --tta.");
    }
    boolean random = smooth != null || plain.methods().stream().anyMatch(PassOptions::isRandom);
    if (seed != null && !random) {
      throw new UsageException(
          "--seed has no effect: nothing of what is asked for is random; --smooth is, and %s."
              .formatted(PassOptions.names(PassOptions::isRandom)));
    }
    List<Method> set = passes.applied(plain.methods(), seed, subject);
    return new MethodChoice(set.stream().map(this::wrapped).toList(), plain.all());
  }

  /**
   * The methods of names, for a file that is exported: no input is known.
   *
   * @param methods the names
   * @throws UsageException if an option does not make sense, or needs the input
   * @throws IOException if a file that an option names cannot be read
   */
  MethodChoice choiceWithoutInput(List<String> methods) throws IOException {
    passes.requirePlainBaseline();
    return choice(methods, null);
  }

  /**
   * The token that stands in for a hidden word, by its number; null where none is named.
   *
   * @throws UsageException if the baseline is no word
   */
  @Nullable Integer standIn() {
    return passes.standIn();
  }

  private Method wrapped(Method method) {
    Method wrapped = tta == null ? method : augmented(method, tta);
    return smooth == null ? wrapped : smoothed(wrapped, smooth);
  }

  private Method augmented(Method method, String given) {
    Matcher parts = WEIGHING.matcher(given.toLowerCase(Locale.ROOT));
    boolean raw = parts.matches() && "raw".equals(parts.group(2));
    String scales = parts.matches() ? parts.group(1) : given;
    try {
      double[] factors =
          Arrays.stream(scales.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
      return Tta.of(method)
          .scales(factors)
          .flip(!noFlip)
          .weigh(raw ? Tta.Weighing.RAW : Tta.Weighing.ALIKE);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--tta takes scales above 0 and up to 64, such as %s or %1$s:raw, got '%s'."
              .formatted(TTA, given),
          e);
    }
  }

  private Method smoothed(Method method, String given) {
    Matcher parts = SMOOTHING.matcher(given.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new UsageException(smoothing(given));
    }
    try {
      Smooth around =
          Smooth.of(method)
              .repetitions(Integer.parseInt(parts.group(1)))
              .relativeNoise(0.1)
              .seed(seed == null ? 0 : seed);
      if (parts.group(2) != null) {
        double noise = Double.parseDouble(parts.group(2));
        around = parts.group(3) == null ? around.noise(noise) : around.relativeNoise(noise / 100);
      }
      return parts.group(4) == null
          ? around
          : around.form(Smooth.Form.valueOf(parts.group(4).toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      throw new UsageException(smoothing(given), e);
    }
  }

  private static String smoothing(String given) {
    return "--smooth takes repetitions, noise and form, such as 20:10%%:mean or 50:0.2, got '%s'."
        .formatted(given);
  }
}
