package dev.keralens.keras.layer;

import static java.util.Map.entry;

import dev.keralens.keras.LayerBuilder;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.LayerContext;
import dev.keralens.keras.LayerType;
import dev.keralens.keras.WeightLists;
import dev.keralens.keras.function.FunctionLayers;
import dev.keralens.keras.recurrent.CudnnLayers;
import dev.keralens.keras.recurrent.RecurrentLayers;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Keras' classes of layers: for each its builder and its weights. An alias is a row of its own.
 *
 * <p>To add a class, add a row here and a case to {@code LayerGoldenTest}'s data, which fails for a
 * row without one. Builders are grouped by subject in the classes that the rows name.
 */
public final class LayerTable {
  public static final Map<String, LayerType> TYPES =
      Map.ofEntries(
          // Core.
          weighted("Dense", CoreLayers::dense, WeightLists::kernelAndBias),
          weighted("EinsumDense", CoreLayers::einsumDense, WeightLists::einsumDense),
          weighted(
              "Embedding", CoreLayers::embedding, config -> WeightLists.trainable("embeddings")),
          row("Identity", CoreLayers::identity),
          weighted(
              "RandomFourierFeatures",
              CoreLayers::randomFourierFeatures,
              WeightLists::randomFourierFeatures),
          weighted(
              "ReversibleEmbedding",
              CoreLayers::reversibleEmbedding,
              WeightLists::reversibleEmbedding),
          row("Masking", CoreLayers::masking),
          // Regularization: the identity at inference.
          row("ActivityRegularization", CoreLayers::identity),
          row("AlphaDropout", CoreLayers::identity),
          row("Dropout", CoreLayers::identity),
          row("GaussianDropout", CoreLayers::identity),
          row("GaussianNoise", CoreLayers::identity),
          row("SpatialDropout1D", CoreLayers::identity),
          row("SpatialDropout2D", CoreLayers::identity),
          row("SpatialDropout3D", CoreLayers::identity),
          // Activations.
          row("Activation", ActivationLayers::activation),
          row("ELU", ActivationLayers::elu),
          row("LeakyReLU", ActivationLayers::leakyRelu),
          weighted("PReLU", ActivationLayers::prelu, config -> WeightLists.trainable("alpha")),
          row("ReLU", ActivationLayers::relu),
          row("Softmax", ActivationLayers::softmax),
          row("ThresholdedReLU", ActivationLayers::thresholdedRelu),
          // Convolution.
          weighted("Conv1D", ConvolutionLayers::convolution, WeightLists::kernelAndBias),
          weighted("Conv2D", ConvolutionLayers::convolution, WeightLists::kernelAndBias),
          weighted("Conv3D", ConvolutionLayers::convolution, WeightLists::kernelAndBias),
          weighted("DepthwiseConv1D", ConvolutionLayers::depthwise, WeightLists::depthwise),
          weighted("DepthwiseConv2D", ConvolutionLayers::depthwise, WeightLists::depthwise),
          weighted("SeparableConv1D", ConvolutionLayers::separable, WeightLists::separable),
          weighted("SeparableConv2D", ConvolutionLayers::separable, WeightLists::separable),
          weighted(
              "Conv1DTranspose",
              TransposedConvolutionLayers::convolution,
              WeightLists::kernelAndBias),
          weighted(
              "Conv2DTranspose",
              TransposedConvolutionLayers::convolution,
              WeightLists::kernelAndBias),
          weighted(
              "Conv3DTranspose",
              TransposedConvolutionLayers::convolution,
              WeightLists::kernelAndBias),
          weighted(
              "LocallyConnected1D",
              LocallyConnectedLayers::convolution,
              WeightLists::kernelAndBias),
          weighted(
              "LocallyConnected2D",
              LocallyConnectedLayers::convolution,
              WeightLists::kernelAndBias),
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
          weighted(
              "BatchNormalization", NormalizationLayers::batch, WeightLists::batchNormalization),
          weighted(
              "SyncBatchNormalization",
              NormalizationLayers::batch,
              WeightLists::batchNormalization),
          weighted("GroupNormalization", NormalizationLayers::group, WeightLists::scaleAndCenter),
          weighted("LayerNormalization", NormalizationLayers::layer, WeightLists::scaleAndCenter),
          weighted(
              "RMSNormalization",
              NormalizationLayers::rms,
              config -> WeightLists.trainable("scale")),
          severally(
              "SpectralNormalization",
              NormalizationLayers::spectral,
              WeightLists::spectralNormalization),
          row("UnitNormalization", NormalizationLayers::unit),
          // Attention.
          severally("Attention", AttentionLayers::attention, WeightLists::attention),
          severally("AdditiveAttention", AttentionLayers::additive, WeightLists::additiveAttention),
          severally(
              "MultiHeadAttention",
              MultiHeadAttention::multiHead,
              MultiHeadAttention::multiHeadWeights),
          severally(
              "GroupedQueryAttention",
              MultiHeadAttention::groupedQuery,
              MultiHeadAttention::groupedQueryWeights),
          severally(
              "GroupQueryAttention",
              MultiHeadAttention::groupedQuery,
              MultiHeadAttention::groupedQueryWeights),
          // Recurrent layers.
          severally("CuDNNGRU", CudnnLayers::gru, CudnnLayers::weights),
          severally("CuDNNLSTM", CudnnLayers::lstm, CudnnLayers::weights),
          severally(
              "Bidirectional", WrapperLayers::bidirectional, WrapperLayers::bidirectionalParts),
          severally("ConvLSTM1D", ConvLstmLayers::convLstm, RecurrentLayers::weights),
          severally("ConvLSTM2D", ConvLstmLayers::convLstm, RecurrentLayers::weights),
          severally("ConvLSTM3D", ConvLstmLayers::convLstm, RecurrentLayers::weights),
          severally("GRU", RecurrentLayers::gru, RecurrentLayers::weights),
          severally("LSTM", RecurrentLayers::lstm, RecurrentLayers::weights),
          severally("RNN", RecurrentLayers::rnn, RecurrentLayers::rnnParts),
          severally("SimpleRNN", RecurrentLayers::simple, RecurrentLayers::weights),
          // Functions of TensorFlow that Keras 2 models call.
          severally("SlicingOpLambda", FunctionLayers::tensorFlow, config -> List.of()),
          severally("TFOpLambda", FunctionLayers::tensorFlow, config -> List.of()),
          // Wrappers.
          severally("Pipeline", WrapperLayers::pipeline, WrapperLayers::pipelineParts),
          severally(
              "TimeDistributed",
              WrapperLayers::timeDistributed,
              WrapperLayers::timeDistributedParts),
          // The own layers of keras.applications.
          row("CustomScaleLayer", ApplicationLayers::customScale),
          weighted(
              "LayerScale",
              ApplicationLayers::layerScale,
              config -> WeightLists.trainable("gamma")),
          row("StochasticDepth", ApplicationLayers::stochasticDepth),
          // Preprocessing.
          row("MelSpectrogram", SpectrogramLayers::mel),
          weighted("STFTSpectrogram", SpectrogramLayers::stft, SpectrogramLayers::stftWeights),
          row("AutoContrast", ImageLayers::autoContrast),
          row("CategoryEncoding", CategoryLayers::categoryEncoding),
          row("CenterCrop", ImageLayers::centerCrop),
          row("Discretization", CategoryLayers::discretization),
          row("IntegerLookup", CategoryLayers::integerLookup),
          weighted("Normalization", PreprocessingLayers::normalization, WeightLists::normalization),
          row("Rescaling", PreprocessingLayers::rescaling),
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

  /** A class without weights. */
  private static Map.Entry<String, LayerType> row(
      String className, Function<LayerContext, KerasTensor> builder) {
    return entry(className, LayerType.of(layer -> List.of(builder.apply(layer))));
  }

  /** A class whose calls may give several tensors. */
  private static Map.Entry<String, LayerType> severally(
      String className, LayerBuilder builder, Function<LayerConfig, List<WeightPart>> weights) {
    return entry(className, new LayerType(builder, weights));
  }

  /** A class with weights, which its arguments may leave out or add. */
  private static Map.Entry<String, LayerType> weighted(
      String className,
      Function<LayerContext, KerasTensor> builder,
      Function<LayerConfig, List<WeightPart>> weights) {
    return entry(className, new LayerType(layer -> List.of(builder.apply(layer)), weights));
  }
}
