package dev.keralens.method;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The methods by name.
 *
 * <p>To add one: its class, a row in {@link #BY_NAME}, its test beside {@code MethodsTest}.
 */
public final class Methods {
  private static final Map<String, Row> BY_NAME =
      table(
          new Row(
              "gradcam",
              GradCam::create,
              "channels of the last activation, weighted by their mean gradient",
              "Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391"),
          new Row(
              "gradcampp",
              GradCamPlusPlus::create,
              "as gradcam, each place weighted by its share of the positive gradient",
              "Chattopadhay et al., 2018, https://arxiv.org/abs/1710.11063"),
          new Row(
              "gradcampp:exact",
              GradCamPlusPlus::exact,
              "as gradcampp, with the denominator of the paper's equation 10 in full",
              "Chattopadhay et al., 2018, https://arxiv.org/abs/1710.11063"),
          new Row(
              "cam",
              Cam::create,
              "channels before the global pooling, weighted as the unit weights them",
              "Zhou et al., 2016, https://arxiv.org/abs/1512.04150"),
          new Row(
              "scorecam",
              ScoreCam::create,
              "channels as masks of the input, weighted by the score; no gradients",
              "Wang et al., 2020, https://arxiv.org/abs/1910.01279"),
          new Row(
              "scorecam:paper",
              ScoreCam::paper,
              "as the paper defines it: softmax of the increase over a baseline",
              "Wang et al., 2020, https://arxiv.org/abs/1910.01279"),
          new Row(
              "full_gradients",
              FullGradients::create,
              "input times gradient, and every bias times its gradient",
              "Srinivas and Fleuret, 2019, https://arxiv.org/abs/1905.00780"),
          new Row(
              "gradients",
              Gradients::create,
              "how much the unit changes with each pixel",
              "Simonyan et al., 2013, https://arxiv.org/abs/1312.6034"));

  private Methods() {}

  /**
   * A method as it is chosen by name.
   *
   * @param name the name, as {@link Method#name} gives it
   * @param factory makes it with its default settings
   * @param summary what its maps show, in one line
   * @param paper where it is from: authors, year, address
   */
  public record Row(String name, Supplier<Method> factory, String summary, String paper) {
    /** {@return the method with its default settings} */
    public Method create() {
      return factory.get();
    }
  }

  private static Map<String, Row> table(Row... rows) {
    Map<String, Row> table = new LinkedHashMap<>();
    Arrays.stream(rows).forEach(row -> table.put(row.name(), row));
    return Collections.unmodifiableMap(table);
  }

  /** {@return all methods by their names, in the order in which they are listed} */
  public static Map<String, Row> byNames() {
    return BY_NAME;
  }
}
