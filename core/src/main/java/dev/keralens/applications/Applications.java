package dev.keralens.applications;

import java.util.List;
import java.util.Locale;

/**
 * The networks of {@code keras.applications} by name.
 *
 * <pre>{@code
 * Application xception = Applications.xception();
 * Application same = Applications.of("xception");
 * }</pre>
 */
public final class Applications {
  private Applications() {}

  /** {@return all networks, in Keras' order} */
  public static List<Application> all() {
    return ApplicationTable.ENTRIES.values().stream()
        .map(entry -> new Application(entry, new Options()))
        .toList();
  }

  /**
   * {@return whether there is a network of a name}
   *
   * @param name as in {@link #of}
   */
  public static boolean has(String name) {
    return ApplicationTable.ENTRIES.containsKey(plain(name));
  }

  /**
   * {@return a network}
   *
   * @param name Keras' name of its function; upper and lower case, hyphens and underscores do not
   *     matter
   * @throws IllegalArgumentException if there is none of this name; the message lists the names
   */
  public static Application of(String name) {
    Entry entry = ApplicationTable.ENTRIES.get(plain(name));
    if (entry == null) {
      throw new IllegalArgumentException(
          "There is no network '%s', only %s."
              .formatted(name, String.join(", ", ApplicationTable.ENTRIES.keySet())));
    }
    return new Application(entry, new Options());
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }

  /** {@return Xception} */
  public static Application xception() {
    return of("xception");
  }

  /** {@return VGG16} */
  public static Application vgg16() {
    return of("vgg16");
  }

  /** {@return VGG19} */
  public static Application vgg19() {
    return of("vgg19");
  }

  /** {@return InceptionV3} */
  public static Application inceptionV3() {
    return of("inceptionv3");
  }

  /** {@return InceptionResNetV2} */
  public static Application inceptionResNetV2() {
    return of("inceptionresnetv2");
  }

  /** {@return ResNet50} */
  public static Application resNet50() {
    return of("resnet50");
  }

  /** {@return ResNet101} */
  public static Application resNet101() {
    return of("resnet101");
  }

  /** {@return ResNet152} */
  public static Application resNet152() {
    return of("resnet152");
  }

  /** {@return ResNet50V2} */
  public static Application resNet50V2() {
    return of("resnet50v2");
  }

  /** {@return ResNet101V2} */
  public static Application resNet101V2() {
    return of("resnet101v2");
  }

  /** {@return ResNet152V2} */
  public static Application resNet152V2() {
    return of("resnet152v2");
  }

  /** {@return MobileNet} */
  public static Application mobileNet() {
    return of("mobilenet");
  }

  /** {@return MobileNetV2} */
  public static Application mobileNetV2() {
    return of("mobilenetv2");
  }

  /** {@return MobileNetV3Small} */
  public static Application mobileNetV3Small() {
    return of("mobilenetv3small");
  }

  /** {@return MobileNetV3Large} */
  public static Application mobileNetV3Large() {
    return of("mobilenetv3large");
  }

  /** {@return NASNetMobile} */
  public static Application nasNetMobile() {
    return of("nasnetmobile");
  }

  /** {@return NASNetLarge} */
  public static Application nasNetLarge() {
    return of("nasnetlarge");
  }

  /** {@return DenseNet121} */
  public static Application denseNet121() {
    return of("densenet121");
  }

  /** {@return DenseNet169} */
  public static Application denseNet169() {
    return of("densenet169");
  }

  /** {@return DenseNet201} */
  public static Application denseNet201() {
    return of("densenet201");
  }

  /** {@return EfficientNetB0} */
  public static Application efficientNetB0() {
    return of("efficientnetb0");
  }

  /** {@return EfficientNetB1} */
  public static Application efficientNetB1() {
    return of("efficientnetb1");
  }

  /** {@return EfficientNetB2} */
  public static Application efficientNetB2() {
    return of("efficientnetb2");
  }

  /** {@return EfficientNetB3} */
  public static Application efficientNetB3() {
    return of("efficientnetb3");
  }

  /** {@return EfficientNetB4} */
  public static Application efficientNetB4() {
    return of("efficientnetb4");
  }

  /** {@return EfficientNetB5} */
  public static Application efficientNetB5() {
    return of("efficientnetb5");
  }

  /** {@return EfficientNetB6} */
  public static Application efficientNetB6() {
    return of("efficientnetb6");
  }

  /** {@return EfficientNetB7} */
  public static Application efficientNetB7() {
    return of("efficientnetb7");
  }

  /** {@return EfficientNetV2B0} */
  public static Application efficientNetV2B0() {
    return of("efficientnetv2b0");
  }

  /** {@return EfficientNetV2B1} */
  public static Application efficientNetV2B1() {
    return of("efficientnetv2b1");
  }

  /** {@return EfficientNetV2B2} */
  public static Application efficientNetV2B2() {
    return of("efficientnetv2b2");
  }

  /** {@return EfficientNetV2B3} */
  public static Application efficientNetV2B3() {
    return of("efficientnetv2b3");
  }

  /** {@return EfficientNetV2S} */
  public static Application efficientNetV2S() {
    return of("efficientnetv2s");
  }

  /** {@return EfficientNetV2M} */
  public static Application efficientNetV2M() {
    return of("efficientnetv2m");
  }

  /** {@return EfficientNetV2L} */
  public static Application efficientNetV2L() {
    return of("efficientnetv2l");
  }

  /** {@return ConvNeXtTiny} */
  public static Application convNeXtTiny() {
    return of("convnexttiny");
  }

  /** {@return ConvNeXtSmall} */
  public static Application convNeXtSmall() {
    return of("convnextsmall");
  }

  /** {@return ConvNeXtBase} */
  public static Application convNeXtBase() {
    return of("convnextbase");
  }

  /** {@return ConvNeXtLarge} */
  public static Application convNeXtLarge() {
    return of("convnextlarge");
  }

  /** {@return ConvNeXtXLarge} */
  public static Application convNeXtXLarge() {
    return of("convnextxlarge");
  }
}
