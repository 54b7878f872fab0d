package dev.keralens.applications;

import dev.keralens.keras.build.ModelBuilder;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A row of the table of applications.
 *
 * @param name what it is called here: Keras' function in lower case
 * @param title Keras' function
 * @param kerasName the model's own name; of a MobileNet, a pattern for alpha and height
 * @param size height and width of its pictures
 * @param minSize the smallest height and width
 * @param preprocessing what its pictures go through
 * @param architecture adds its layers
 * @param weights the published weights for options and a height
 */
record Entry(
    String name,
    String title,
    String kerasName,
    int size,
    int minSize,
    Preprocessing preprocessing,
    Architecture architecture,
    BiFunction<Options, Integer, PublishedFile> weights) {
  /** The heights for which Keras publishes weights of the MobileNets. */
  static final List<Integer> MOBILE_SIZES = List.of(96, 128, 160, 192, 224);

  boolean hasAlpha() {
    return title.startsWith("MobileNet");
  }

  boolean isMobileNetV3() {
    return title.startsWith("MobileNetV3");
  }

  boolean isConvNeXt() {
    return title.startsWith("ConvNeXt");
  }

  boolean hasPreprocessingInside() {
    return isMobileNetV3() || isConvNeXt() || title.startsWith("EfficientNet");
  }

  /** {@return height, width and channels, {@link ModelBuilder#OPEN} where the network takes any} */
  List<Integer> inputShape(Options o) {
    List<Integer> given = o.inputShape;
    if (given == null) {
      boolean fixed = o.includeTop || title.equals("NASNetMobile");
      int side = fixed ? size : ModelBuilder.OPEN;
      return List.of(side, side, 3);
    }
    for (int side : given.subList(0, 2)) {
      if (side == ModelBuilder.OPEN ? o.includeTop && !isMobileNetV3() : side < minSize) {
        throw wrong(
            "takes pictures of at least %d x %d%s, got %s."
                .formatted(
                    minSize, minSize, o.includeTop ? ", of a known size with its top" : "", given));
      }
    }
    if (o.isImageNet() && given.get(2) != 3) {
      throw wrong("has published weights for 3 channels, got %s.".formatted(given));
    }
    if (o.isImageNet() && o.includeTop && !isMobileNetV3()) {
      boolean square = given.get(0).equals(given.get(1));
      boolean other = hasAlpha() && square && sizes().contains(given.get(0));
      if (!other && !given.equals(List.of(size, size, 3))) {
        throw wrong(
            "has published weights with its top for %s x %s pictures, got %s;"
                    .formatted(hasAlpha() ? sizes() : size, hasAlpha() ? "the same" : size, given)
                + " leave the top away (includeTop(false)), or take other weights.");
      }
    }
    return given;
  }

  List<Integer> sizes() {
    return title.equals("MobileNet") ? MOBILE_SIZES.subList(1, 5) : MOBILE_SIZES;
  }

  IllegalArgumentException wrong(String problem) {
    return new IllegalArgumentException(title + " " + problem);
  }
}
