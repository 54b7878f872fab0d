package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The shapes of a model's inputs where there is no input: those asked for, else assumed ones. */
final class OpenSizes {
  private static final int OF_IMAGE = 224;
  private static final int CHANNELS = 3;

  /** Sizes that are no image's: steps of a sequence, mostly. */
  private static final int OF_OTHERS = 256;

  private OpenSizes() {}

  /**
   * The shapes of all inputs.
   *
   * @param size the size of images; null where none is asked for
   * @param given shapes as {@code 1x1000x4}, or with the name of an input before them
   * @param err is told what was assumed
   * @throws UsageException if one does not fit the model
   */
  static List<Shape> of(Model model, @Nullable Size size, List<String> given, PrintWriter err) {
    Map<String, String> byName = byName(model, given);
    List<Shape> shapes = new ArrayList<>();
    for (InputSpec input : model.inputs()) {
      String asked = byName.get(input.name());
      shapes.add(asked != null ? named(model, input, asked) : assumed(model, input, size, err));
    }
    boolean images = model.inputs().stream().anyMatch(input -> input.sizes().size() == 3);
    if (size != null && !images) {
      throw new UsageException(
          "%s: --size is for images, and the input is %s; see --shape."
              .formatted(model.name(), model.inputs().get(0)));
    }
    return shapes;
  }

  private static Map<String, String> byName(Model model, List<String> given) {
    Map<String, String> byName = new HashMap<>();
    List<String> names = model.inputs().stream().map(InputSpec::name).toList();
    for (String one : given) {
      int equals = one.lastIndexOf('=');
      if (equals < 0 && names.size() > 1) {
        throw new UsageException(
            "--shape %s: %s has %d inputs; say of which, as %s=%1$s."
                .formatted(one, model.name(), names.size(), names.get(0)));
      }
      String name = equals < 0 ? names.get(0) : one.substring(0, equals);
      if (!names.contains(name)) {
        throw Choice.unknown(names, "input of " + model.name(), name);
      }
      byName.put(name, one.substring(equals + 1));
    }
    return byName;
  }

  private static Shape named(Model model, InputSpec input, String text) {
    if (!text.matches("\\d{1,9}([xX]\\d{1,9})*")) {
      throw new UsageException(
          "--shape takes sizes, the batch first, such as 1x1000x4, got '%s'.".formatted(text));
    }
    int[] sizes = Arrays.stream(text.split("[xX]", -1)).mapToInt(Integer::parseInt).toArray();
    List<@Nullable Integer> own = input.sizes();
    boolean fits =
        sizes.length == own.size() + 1
            && IntStream.range(0, own.size())
                .allMatch(
                    axis -> {
                      Integer fixed = own.get(axis);
                      return sizes[axis + 1] > 0 && (fixed == null || fixed == sizes[axis + 1]);
                    });
    if (!fits) {
      throw new UsageException(
          "--shape %s does not fit the input %s of %s; it takes all sizes, the batch first, such as %s."
              .formatted(text, input, model.name(), example(input)));
    }
    sizes[0] = Shape.BATCH;
    return Shape.of(sizes);
  }

  /** Sizes that fit, as they are written. */
  private static String example(InputSpec input) {
    StringBuilder text = new StringBuilder("1");
    for (Integer size : input.sizes()) {
      text.append('x').append(size == null ? OF_IMAGE : size);
    }
    return text.toString();
  }

  private static Shape assumed(Model model, InputSpec input, @Nullable Size size, PrintWriter err) {
    boolean image = input.sizes().size() == 3;
    if (input.isFixed() && (size == null || !image)) {
      return input.shape();
    }
    List<@Nullable Integer> sizes = new ArrayList<>(input.sizes());
    if (image) {
      boolean first = InputFormat.order(model, input) == PictureFormat.Order.CHANNELS_FIRST;
      int height = first ? 1 : 0;
      set(sizes, height, size == null ? null : size.height(), OF_IMAGE);
      set(sizes, height + 1, size == null ? null : size.width(), OF_IMAGE);
      set(sizes, first ? 0 : 2, null, CHANNELS);
    }
    for (int axis = 0; axis < sizes.size(); axis++) {
      set(sizes, axis, null, OF_OTHERS);
    }
    InputSpec closed = new InputSpec(input.name(), input.type(), sizes);
    if (!input.isFixed() && (size == null || !image)) {
      err.printf(
          "keralens: the input %s is open; shapes are those of %s (--shape)%n", input, closed);
      err.flush();
    }
    return closed.shape();
  }

  private static void set(
      List<@Nullable Integer> sizes, int axis, @Nullable Integer wanted, int assumed) {
    Integer own = sizes.get(axis);
    sizes.set(axis, wanted != null ? wanted : own != null ? own : Integer.valueOf(assumed));
  }
}
