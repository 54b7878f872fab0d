package dev.keralens.applications;

import java.util.List;
import java.util.Map;

/** The published weights of the MobileNets, by alpha and by the height of the pictures. */
final class MobileNetWeights {
  private static final String BASE =
      "https://storage.googleapis.com/tensorflow/keras-applications/";

  private static final Map<Double, String> ALPHAS_V1 =
      Map.of(0.25, "2_5", 0.5, "5_0", 0.75, "7_5", 1.0, "1_0");

  private static final List<Double> ALPHAS_V2 = List.of(0.35, 0.5, 0.75, 1.0, 1.3, 1.4);

  /** Hashes with the top and without. */
  private static final Map<String, List<String>> HASHES_V3 =
      Map.of(
          "large_224_0.75_float",
          List.of("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
          "large_224_1.0_float",
          List.of("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
          "large_minimalistic_224_1.0_float",
          List.of("675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"),
          "small_224_0.75_float",
          List.of("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
          "small_224_1.0_float",
          List.of("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
          "small_minimalistic_224_1.0_float",
          List.of("99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"));

  private MobileNetWeights() {}

  static PublishedFile v1(Options o, int height) {
    String alpha = ALPHAS_V1.get(o.alpha);
    if (alpha == null) {
      throw noAlpha("MobileNet", ALPHAS_V1.keySet().stream().sorted().toList(), o);
    }
    int size = Entry.MOBILE_SIZES.subList(1, 5).contains(height) ? height : 224;
    String file = "mobilenet_%s_%d_tf%s.h5".formatted(alpha, size, o.includeTop ? "" : "_no_top");
    return new PublishedFile(BASE + "mobilenet/" + file, file, null);
  }

  static PublishedFile v2(Options o, int height) {
    if (!ALPHAS_V2.contains(o.alpha)) {
      throw noAlpha("MobileNetV2", ALPHAS_V2, o);
    }
    int size = Entry.MOBILE_SIZES.contains(height) ? height : 224;
    String file =
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_%s_%d%s.h5"
            .formatted(o.alpha, size, o.includeTop ? "" : "_no_top");
    return new PublishedFile(BASE + "mobilenet_v2/" + file, file, null);
  }

  static PublishedFile v3(String kind, Options o) {
    String variant =
        "%s%s_224_%s_float".formatted(kind, o.minimalistic ? "_minimalistic" : "", o.alpha);
    List<String> hashes = HASHES_V3.get(variant);
    if (hashes == null) {
      throw noAlpha("MobileNetV3", o.minimalistic ? List.of(1.0) : List.of(0.75, 1.0), o);
    }
    String file = "weights_mobilenet_v3_" + variant + (o.includeTop ? ".h5" : "_no_top_v2.h5");
    return new PublishedFile(BASE + "mobilenet_v3/" + file, file, hashes.get(o.includeTop ? 0 : 1));
  }

  private static IllegalArgumentException noAlpha(String title, List<Double> alphas, Options o) {
    return new IllegalArgumentException(
        "%s has published weights for alpha %s, got %s.".formatted(title, alphas, o.alpha));
  }
}
