package dev.keralens.keras.layer;

import static dev.keralens.keras.call.WeightShapes.ANY;
import static dev.keralens.keras.call.WeightShapes.SPATIAL;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.CallBuilder;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.call.WeightLists;
import dev.keralens.keras.function.FunctionLayers;
import dev.keralens.keras.recurrent.CudnnLayers;
import dev.keralens.keras.recurrent.RecurrentLayers;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.keras.weights.WeightSlot;
import dev.keralens.network.KerasTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Keras' classes of layers, a row each: its builder, its weights with their axes, and whether it
 * hands masks on. An alias is a row of its own.
 *
 * <p>To add a class, add a row here and a case to {@code LayerGoldenTest}'s data, which fails for a
 * row without one. Builders are grouped by subject in the classes that the rows name.
 */
public final class LayerTable {
  /** Class name to row. */
  public static final Map<String, LayerType> TYPES =
      table(
          // Core.
          row("Dense", CoreLayers::dense)
              .weights(WeightLists::kernelAndBias)
              .axes("kernel", ANY, "units")
              .handsMasksOn(),
          row("EinsumDense", CoreLayers::einsumDense).weights(WeightLists::einsumDense),
          row("Embedding", CoreLayers::embedding)
              .weights("embeddings")
              .axes("embeddings", "input_dim", "output_dim"),
          row("Identity", CoreLayers::identity).handsMasksOn(),
          row("RandomFourierFeatures", CoreLayers::randomFourierFeatures)
              .weights(WeightLists::randomFourierFeatures),
          row("ReversibleEmbedding", CoreLayers::reversibleEmbedding)
              .weights(WeightLists::reversibleEmbedding),
          row("Masking", CoreLayers::masking),
          // Regularization: the identity at inference.
          row("ActivityRegularization", CoreLayers::identity).handsMasksOn(),
          row("AlphaDropout", CoreLayers::identity).handsMasksOn(),
          row("Dropout", CoreLayers::identity).handsMasksOn(),
          row("GaussianDropout", CoreLayers::identity).handsMasksOn(),
          row("GaussianNoise", CoreLayers::identity).handsMasksOn(),
          row("SpatialDropout1D", CoreLayers::identity).handsMasksOn(),
          row("SpatialDropout2D", CoreLayers::identity).handsMasksOn(),
          row("SpatialDropout3D", CoreLayers::identity).handsMasksOn(),
          // Activations.
          row("Activation", ActivationLayers::activation).handsMasksOn(),
          row("ELU", ActivationLayers::elu).handsMasksOn(),
          row("LeakyReLU", ActivationLayers::leakyRelu).handsMasksOn(),
          row("PReLU", ActivationLayers::prelu).weights("alpha").handsMasksOn(),
          row("ReLU", ActivationLayers::relu).handsMasksOn(),
          row("Softmax", ActivationLayers::softmax).handsMasksOn(),
          row("ThresholdedReLU", ActivationLayers::thresholdedRelu).handsMasksOn(),
          // Convolution.
          row("Conv1D", ConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .turnedByTheano("kernel")
              .axes("kernel", SPATIAL, ANY, "filters"),
          row("Conv2D", ConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .turnedByTheano("kernel")
              .axes("kernel", SPATIAL, ANY, "filters"),
          row("Conv3D", ConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .turnedByTheano("kernel")
              .axes("kernel", SPATIAL, ANY, "filters"),
          row("DepthwiseConv1D", ConvolutionLayers::depthwise)
              .weights(WeightLists::depthwise)
              .axes("depthwise_kernel", SPATIAL, ANY, "depth_multiplier"),
          row("DepthwiseConv2D", ConvolutionLayers::depthwise)
              .weights(WeightLists::depthwise)
              .axes("depthwise_kernel", SPATIAL, ANY, "depth_multiplier"),
          row("SeparableConv1D", ConvolutionLayers::separable)
              .weights(WeightLists::separable)
              .axes("depthwise_kernel", SPATIAL, ANY, "depth_multiplier")
              .axes("pointwise_kernel", ANY, ANY, "filters"),
          row("SeparableConv2D", ConvolutionLayers::separable)
              .weights(WeightLists::separable)
              .axes("depthwise_kernel", SPATIAL, ANY, "depth_multiplier")
              .axes("pointwise_kernel", ANY, ANY, ANY, "filters"),
          row("Conv1DTranspose", TransposedConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .axes("kernel", SPATIAL, "filters", ANY),
          row("Conv2DTranspose", TransposedConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .turnedByTheano("kernel")
              .axes("kernel", SPATIAL, "filters", ANY),
          row("Conv3DTranspose", TransposedConvolutionLayers::convolution)
              .weights(WeightLists::kernelAndBias)
              .axes("kernel", SPATIAL, "filters", ANY),
          row("LocallyConnected1D", LocallyConnectedLayers::convolution)
              .weights(WeightLists::kernelAndBias),
          row("LocallyConnected2D", LocallyConnectedLayers::convolution)
              .weights(WeightLists::kernelAndBias),
          // Pooling.
          row("AdaptiveAveragePooling1D", AdaptivePoolingLayers::average),
          row("AdaptiveAveragePooling2D", AdaptivePoolingLayers::average),
          row("AdaptiveAveragePooling3D", AdaptivePoolingLayers::average),
          row("AdaptiveMaxPooling1D", AdaptivePoolingLayers::max),
          row("AdaptiveMaxPooling2D", AdaptivePoolingLayers::max),
          row("AdaptiveMaxPooling3D", AdaptivePoolingLayers::max),
          row("AveragePooling1D", PoolingLayers::average),
          row("AveragePooling2D", PoolingLayers::average),
          row("AveragePooling3D", PoolingLayers::average),
          row("GlobalAveragePooling1D", PoolingLayers::globalAverageOfSequence),
          row("GlobalAveragePooling2D", PoolingLayers::globalAverage),
          row("GlobalAveragePooling3D", PoolingLayers::globalAverage),
          row("GlobalMaxPooling1D", PoolingLayers::globalMax),
          row("GlobalMaxPooling2D", PoolingLayers::globalMax),
          row("GlobalMaxPooling3D", PoolingLayers::globalMax),
          row("MaxPooling1D", PoolingLayers::max),
          row("MaxPooling2D", PoolingLayers::max),
          row("MaxPooling3D", PoolingLayers::max),
          // Merging.
          row("Add", MergingLayers::add),
          row("Average", MergingLayers::average),
          row("Concatenate", MergingLayers::concatenate),
          row("Dot", MergingLayers::dot),
          row("Maximum", MergingLayers::maximum),
          row("Minimum", MergingLayers::minimum),
          row("Multiply", MergingLayers::multiply),
          row("Subtract", MergingLayers::subtract),
          // Reshaping.
          row("Cropping1D", PaddingLayers::cropping),
          row("Cropping2D", PaddingLayers::cropping),
          row("Cropping3D", PaddingLayers::cropping),
          row("Flatten", ReshapingLayers::flatten),
          row("Permute", ReshapingLayers::permute),
          row("RepeatVector", ReshapingLayers::repeatVector),
          row("Reshape", ReshapingLayers::reshape),
          row("UpSampling1D", UpSamplingLayers::upSampling),
          row("UpSampling2D", UpSamplingLayers::upSampling),
          row("UpSampling3D", UpSamplingLayers::upSampling),
          row("ZeroPadding1D", PaddingLayers::zeroPadding),
          row("ZeroPadding2D", PaddingLayers::zeroPadding),
          row("ZeroPadding3D", PaddingLayers::zeroPadding),
          // Normalization.
          row("BatchNormalization", NormalizationLayers::batch)
              .weights(WeightLists::batchNormalization)
              .handsMasksOn(),
          row("SyncBatchNormalization", NormalizationLayers::batch)
              .weights(WeightLists::batchNormalization)
              .handsMasksOn(),
          row("GroupNormalization", NormalizationLayers::group)
              .weights(WeightLists::scaleAndCenter)
              .handsMasksOn(),
          row("LayerNormalization", NormalizationLayers::layer)
              .weights(WeightLists::scaleAndCenter)
              .handsMasksOn(),
          row("RMSNormalization", NormalizationLayers::rms).weights("scale"),
          several("SpectralNormalization", NormalizationLayers::spectral)
              .weights(WeightLists::spectralNormalization),
          row("UnitNormalization", NormalizationLayers::unit).handsMasksOn(),
          // Attention.
          several("Attention", AttentionLayers::attention).weights(WeightLists::attention),
          several("AdditiveAttention", AttentionLayers::additive)
              .weights(WeightLists::additiveAttention),
          several("MultiHeadAttention", MultiHeadAttention::multiHead)
              .weights(MultiHeadAttention::multiHeadWeights),
          several("GroupedQueryAttention", MultiHeadAttention::groupedQuery)
              .weights(MultiHeadAttention::groupedQueryWeights),
          several("GroupQueryAttention", MultiHeadAttention::groupedQuery)
              .weights(MultiHeadAttention::groupedQueryWeights),
          // Recurrent layers.
          several("CuDNNGRU", CudnnLayers::gru).weights(CudnnLayers::weights),
          several("CuDNNLSTM", CudnnLayers::lstm).weights(CudnnLayers::weights),
          several("Bidirectional", WrapperLayers::bidirectional)
              .weights(WrapperLayers::bidirectionalParts),
          several("ConvLSTM1D", ConvLstmLayers::convLstm).weights(RecurrentLayers::weights),
          several("ConvLSTM2D", ConvLstmLayers::convLstm)
              .weights(RecurrentLayers::weights)
              .turnedByTheano("cell/kernel", "cell/recurrent_kernel"),
          several("ConvLSTM3D", ConvLstmLayers::convLstm).weights(RecurrentLayers::weights),
          several("GRU", RecurrentLayers::gru)
              .weights(RecurrentLayers::weights)
              .axes("cell/recurrent_kernel", "units", "3*units")
              .axes("cell/kernel", ANY, "3*units"),
          several("LSTM", RecurrentLayers::lstm)
              .weights(RecurrentLayers::weights)
              .axes("cell/recurrent_kernel", "units", "4*units")
              .axes("cell/kernel", ANY, "4*units"),
          several("RNN", RecurrentLayers::rnn).weights(RecurrentLayers::rnnParts),
          several("SimpleRNN", RecurrentLayers::simple)
              .weights(RecurrentLayers::weights)
              .axes("cell/recurrent_kernel", "units", "units")
              .axes("cell/kernel", ANY, "units"),
          // Functions of TensorFlow that Keras 2 models call.
          several("SlicingOpLambda", FunctionLayers::tensorFlow),
          several("TFOpLambda", FunctionLayers::tensorFlow),
          // Wrappers.
          several("Pipeline", WrapperLayers::pipeline).weights(WrapperLayers::pipelineParts),
          several("TimeDistributed", WrapperLayers::timeDistributed)
              .weights(WrapperLayers::timeDistributedParts),
          // The own layers of keras.applications.
          row("CustomScaleLayer", ApplicationLayers::customScale),
          row("LayerScale", ApplicationLayers::layerScale).weights("gamma"),
          row("StochasticDepth", ApplicationLayers::stochasticDepth),
          // Preprocessing.
          row("MelSpectrogram", SpectrogramLayers::mel),
          row("STFTSpectrogram", SpectrogramLayers::stft).weights(SpectrogramLayers::stftWeights),
          row("AutoContrast", ImageLayers::autoContrast),
          row("CategoryEncoding", CategoryLayers::categoryEncoding),
          row("CenterCrop", ImageLayers::centerCrop),
          row("Discretization", CategoryLayers::discretization),
          row("IntegerLookup", CategoryLayers::integerLookup),
          row("Normalization", PreprocessingLayers::normalization)
              .weights(WeightLists::normalization)
              .handsMasksOn(),
          row("Rescaling", PreprocessingLayers::rescaling).handsMasksOn(),
          row("Resizing", ImageLayers::resizing),
          // Augmentation: the identity at inference, but for the crop of Keras 2.
          row("RandomCrop", ImageLayers::randomCrop),
          row("AugMix", CoreLayers::identity),
          row("CutMix", CoreLayers::identity),
          row("MixUp", CoreLayers::identity),
          row("RandAugment", CoreLayers::identity),
          row("RandomBrightness", CoreLayers::identity),
          row("RandomColorDegeneration", CoreLayers::identity),
          row("RandomColorJitter", CoreLayers::identity),
          row("RandomContrast", CoreLayers::identity),
          row("RandomElasticTransform", CoreLayers::identity),
          row("RandomErasing", CoreLayers::identity),
          row("RandomFlip", CoreLayers::identity),
          row("RandomGaussianBlur", CoreLayers::identity),
          row("RandomGrayscale", CoreLayers::identity),
          row("RandomHeight", CoreLayers::identity),
          row("RandomHue", CoreLayers::identity),
          row("RandomInvert", CoreLayers::identity),
          row("RandomPerspective", CoreLayers::identity),
          row("RandomPosterization", CoreLayers::identity),
          row("RandomRotation", CoreLayers::identity),
          row("RandomSaturation", CoreLayers::identity),
          row("RandomSharpness", CoreLayers::identity),
          row("RandomShear", CoreLayers::identity),
          row("RandomTranslation", CoreLayers::identity),
          row("RandomWidth", CoreLayers::identity),
          row("RandomZoom", CoreLayers::identity),
          row("Solarization", CoreLayers::identity));

  private LayerTable() {}

  /** A class of layers, without weights unless they are added. */
  private record Row(String className, LayerType type) {
    /** With weights that a layer always has, all of them trainable. */
    Row weights(String... names) {
      return weights(config -> WeightLists.trainable(names));
    }

    /** With weights, which the layer's arguments may leave out or add. */
    Row weights(Function<LayerConfig, List<WeightPart>> parts) {
      return new Row(className, type.withParts(parts));
    }

    /** With the axes of a weight, as {@link LayerType} has them. */
    Row axes(String weight, String... axes) {
      return new Row(className, type.withAxes(weight, List.of(axes)));
    }

    /** With weights that Keras turns around when it loads them from files of Theano. */
    Row turnedByTheano(String... weights) {
      Set<String> turned = Set.of(weights);
      return weights(
          config ->
              type.parts().apply(config).stream()
                  .map(
                      part ->
                          part instanceof WeightSlot slot && turned.contains(slot.name())
                              ? slot.turningByTheano()
                              : part)
                  .toList());
    }

    /** Each step has an output of its own, so the mask of the one input holds for the output. */
    Row handsMasksOn() {
      return new Row(className, type.handingMasksOn());
    }
  }

  private static Row row(String className, Function<LayerCall, KerasTensor> builder) {
    return several(className, layer -> List.of(builder.apply(layer)));
  }

  /** A class whose calls may give several tensors. */
  private static Row several(String className, CallBuilder builder) {
    return new Row(className, LayerType.of(builder));
  }

  private static Map<String, LayerType> table(Row... rows) {
    return Arrays.stream(rows).collect(Collectors.toUnmodifiableMap(Row::className, Row::type));
  }
}
