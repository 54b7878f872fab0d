package dev.keralens.keras.build;

import java.util.Map;

/** Layers whose classes Keras keeps to its own applications. */
public final class ApplicationLayers {
  private static final String INCEPTION_RESNET = "keras.src.applications.inception_resnet_v2";
  private static final String CONVNEXT = "keras.src.applications.convnext";

  private ApplicationLayers() {}

  /**
   * {@return the layer x + y * scale of Inception-ResNet, called with x and y}
   *
   * @param b the model that it belongs to
   * @param scale the factor
   */
  public static LayerSpec customScale(ModelBuilder b, double scale) {
    return b.custom(INCEPTION_RESNET, "CustomScaleLayer", Map.of("scale", scale));
  }

  /**
   * {@return the layer x * gamma of ConvNeXt}
   *
   * @param b the model that it belongs to
   * @param initValues each element of gamma before training
   * @param projectionDim the number of channels
   */
  public static LayerSpec layerScale(ModelBuilder b, double initValues, int projectionDim) {
    return b.custom(CONVNEXT, "LayerScale", Map.of("init_values", initValues))
        .put("projection_dim", projectionDim);
  }
}
