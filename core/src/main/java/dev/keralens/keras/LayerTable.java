package dev.keralens.keras;

import static java.util.Map.entry;

import dev.keralens.graph.KerasTensor;
import dev.keralens.keras.file.WeightPart;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Keras' classes of layers: for each its builder and its weights. An alias is a row of its own.
 *
 * <p>To add a class, add a row here and a case to {@code LayerGoldenTest}'s data, which fails for a
 * row without one. Builders are grouped by subject in the classes that the rows name.
 */
final class LayerTable {
  static final Map<String, LayerType> TYPES =
      Map.ofEntries(
          // Core.
          row("Activation", ActivationLayers::activation),
          weighted("Dense", CoreLayers::dense, WeightLists::kernelAndBias),
          row("Dropout", CoreLayers::identity),
          // Activations.
          row("LeakyReLU", ActivationLayers::leakyRelu),
          row("ReLU", ActivationLayers::relu),
          // Convolution.
          weighted("Conv2D", ConvolutionLayers::convolution, WeightLists::kernelAndBias),
          weighted("DepthwiseConv2D", ConvolutionLayers::depthwise, WeightLists::depthwise),
          weighted("SeparableConv2D", ConvolutionLayers::separable, WeightLists::separable),
          // Pooling.
          row("AveragePooling2D", PoolingLayers::average),
          row("GlobalAveragePooling2D", PoolingLayers::globalAverage),
          row("GlobalMaxPooling2D", PoolingLayers::globalMax),
          row("MaxPooling2D", PoolingLayers::max),
          // Merging.
          row("Add", MergingLayers::add),
          row("Concatenate", MergingLayers::concatenate),
          row("Multiply", MergingLayers::multiply),
          // Reshaping.
          row("Flatten", ReshapingLayers::flatten),
          row("Reshape", ReshapingLayers::reshape),
          row("ZeroPadding2D", PaddingLayers::zeroPadding),
          // Normalization.
          weighted(
              "BatchNormalization", NormalizationLayers::batch, WeightLists::batchNormalization),
          // Preprocessing.
          row("Rescaling", PreprocessingLayers::rescaling));

  private LayerTable() {}

  /** A class without weights. */
  private static Map.Entry<String, LayerType> row(
      String className, Function<LayerContext, KerasTensor> builder) {
    return entry(className, LayerType.of(layer -> List.of(builder.apply(layer))));
  }

  /** A class with weights, which its arguments may leave out or add. */
  private static Map.Entry<String, LayerType> weighted(
      String className,
      Function<LayerContext, KerasTensor> builder,
      Function<LayerConfig, List<WeightPart>> weights) {
    return entry(className, new LayerType(layer -> List.of(builder.apply(layer)), weights));
  }
}
