package dev.keralens.keras.hub.layer;

import static java.util.Map.entry;

import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.vision.DFineAttention;
import dev.keralens.keras.hub.vision.DFineConvolutions;
import dev.keralens.keras.hub.vision.DFineDecoding;
import dev.keralens.keras.hub.vision.DFineEncoding;
import dev.keralens.keras.hub.vision.DFineQueries;
import dev.keralens.keras.hub.vision.DeitLayers;
import dev.keralens.keras.hub.vision.DinoV2Layers;
import dev.keralens.keras.hub.vision.DinoV3Layers;
import dev.keralens.keras.hub.vision.EfficientNetLayers;
import dev.keralens.keras.hub.vision.HgNetLayers;
import dev.keralens.keras.hub.vision.MitLayers;
import dev.keralens.keras.hub.vision.MobileNetLayers;
import dev.keralens.keras.hub.vision.MobileNetV5Joining;
import dev.keralens.keras.hub.vision.MobileNetV5Layers;
import dev.keralens.keras.hub.vision.PyramidLayers;
import dev.keralens.keras.hub.vision.SwinLayers;
import dev.keralens.keras.hub.vision.VitDetLayers;
import dev.keralens.keras.hub.vision.VitLayers;
import java.util.Map;

/** The layers of KerasHub's networks for pictures. */
final class VisionTable {
  private static final String DETECTION = "models.vit_det.vit_layers.";
  private static final String D_FINE = "models.d_fine.d_fine_";
  private static final String MOBILE = "models.mobilenet.mobilenet_backbone.";
  private static final String MOBILE_V5 = "models.mobilenetv5.mobilenetv5_";
  private static final String SWIN = "models.swin_transformer.swin_transformer_layers.";

  static final Map<String, LayerType> TYPES =
      Map.ofEntries(
          entry("keras_hub>HGNetV2BasicLayer", HgNetLayers.BASIC),
          entry("keras_hub>HGNetV2ConvLayer", HgNetLayers.CONVOLUTION),
          entry("keras_hub>HGNetV2ConvLayerLight", HgNetLayers.LIGHT),
          entry("keras_hub>HGNetV2Embeddings", HgNetLayers.EMBEDDINGS),
          entry("keras_hub>HGNetV2Encoder", HgNetLayers.ENCODER),
          entry("keras_hub>HGNetV2LearnableAffineBlock", HgNetLayers.AFFINE),
          entry("keras_hub>HGNetV2Stage", HgNetLayers.STAGE),
          entry(D_FINE + "attention.DFineMultiheadAttention", DFineAttention.ALL),
          entry(D_FINE + "attention.DFineMultiscaleDeformableAttention", DFineAttention.DEFORMABLE),
          entry(D_FINE + "decoder.DFineDecoder", DFineDecoding.DECODER),
          entry(D_FINE + "decoder.DFineDecoderLayer", DFineDecoding.LAYER),
          entry(D_FINE + "encoder.DFineEncoder", DFineEncoding.ENCODER),
          entry(D_FINE + "encoder.DFineEncoderLayer", DFineEncoding.LAYER),
          entry(D_FINE + "hybrid_encoder.DFineHybridEncoder", DFineEncoding.HYBRID),
          entry(D_FINE + "layers.DFineAnchorGenerator", DFineQueries.ANCHORS),
          entry(D_FINE + "layers.DFineCSPRepLayer", DFineConvolutions.PARTIAL),
          entry(D_FINE + "layers.DFineConvNormLayer", DFineConvolutions.CONVOLUTION),
          entry(D_FINE + "layers.DFineFeatureAggregationBlock", DFineConvolutions.AGGREGATION),
          entry(D_FINE + "layers.DFineGate", DFineDecoding.GATE),
          entry(D_FINE + "layers.DFineInitialQueryAndReferenceGenerator", DFineQueries.QUERIES),
          entry(D_FINE + "layers.DFineIntegral", DFineDecoding.INTEGRAL),
          entry(D_FINE + "layers.DFineLQE", DFineDecoding.QUALITY),
          entry(D_FINE + "layers.DFineMLP", DFineDecoding.MLP),
          entry(D_FINE + "layers.DFineMLPPredictionHead", DFineDecoding.MLP),
          entry(D_FINE + "layers.DFineRepVggBlock", DFineConvolutions.REPEATED),
          entry(D_FINE + "layers.DFineSCDown", DFineConvolutions.DOWN),
          entry(D_FINE + "layers.DFineSourceFlattener", DFineEncoding.FLATTENER),
          entry("models.deit.deit_layers.DeiTEmbeddings", DeitLayers.EMBEDDINGS),
          entry("models.deit.deit_layers.DeiTEncoder", DeitLayers.ENCODER),
          entry("models.deit.deit_layers.DeiTEncoderBlock", DeitLayers.BLOCK),
          entry("models.deit.deit_layers.DeiTIntermediate", DeitLayers.INTERMEDIATE),
          entry("models.deit.deit_layers.DeiTOutput", DeitLayers.OUTPUT),
          entry("models.dinov2.dinov2_layers.DINOV2Attention", DinoV2Layers.ATTENTION),
          entry("models.dinov2.dinov2_layers.DINOV2Embedding", DinoV2Layers.EMBEDDING),
          entry("models.dinov2.dinov2_layers.DINOV2Encoder", DinoV2Layers.ENCODER),
          entry("models.dinov2.dinov2_layers.DINOV2Layer", DinoV2Layers.LAYER),
          entry("models.dinov2.dinov2_layers.DINOV2LayerScale", DinoV2Layers.SCALE),
          entry("models.dinov2.dinov2_layers.DINOV2MLP", DinoV2Layers.MLP),
          entry("models.dinov2.dinov2_layers.DINOV2PatchEmbedding", DinoV2Layers.PATCHES),
          entry("models.dinov2.dinov2_layers.DINOV2SwiGLUFFN", DinoV2Layers.SWIGLU),
          entry("models.dinov3.dinov3_layers.DINOV3Attention", DinoV3Layers.ATTENTION),
          entry("models.dinov3.dinov3_layers.DINOV3Embedding", DinoV3Layers.EMBEDDING),
          entry("models.dinov3.dinov3_layers.DINOV3Encoder", DinoV3Layers.ENCODER),
          entry("models.dinov3.dinov3_layers.DINOV3GatedMLP", DinoV3Layers.GATED),
          entry("models.dinov3.dinov3_layers.DINOV3Layer", DinoV3Layers.LAYER),
          entry("models.dinov3.dinov3_layers.DINOV3LayerScale", DinoV3Layers.SCALE),
          entry("models.dinov3.dinov3_layers.DINOV3MLP", DinoV3Layers.MLP),
          entry("models.dinov3.dinov3_layers.DINOV3PatchEmbedding", DinoV3Layers.PATCHES),
          entry("models.efficientnet.cba.CBABlock", EfficientNetLayers.CONVOLUTION),
          entry("models.efficientnet.fusedmbconv.FusedMBConvBlock", EfficientNetLayers.FUSED),
          entry("models.efficientnet.mbconv.MBConvBlock", EfficientNetLayers.UNFUSED),
          entry("models.deeplab_v3.deeplab_v3_layers.SpatialPyramidPooling", PyramidLayers.POOLING),
          entry("models.retinanet.feature_pyramid.FeaturePyramid", PyramidLayers.FEATURES),
          entry("models.retinanet.prediction_head.PredictionHead", PyramidLayers.PREDICTION),
          entry(DETECTION + "AddPositionalEmbedding", VitDetLayers.PLACES),
          entry(DETECTION + "AddRelativePositionalEmbedding", VitDetLayers.RELATIVE),
          entry(DETECTION + "MLP", VitDetLayers.MLP),
          entry(DETECTION + "MultiHeadAttentionWithRelativePE", VitDetLayers.ATTENTION),
          entry(DETECTION + "ViTDetPatchingAndEmbedding", VitDetLayers.PATCHES),
          entry(DETECTION + "WindowedTransformerEncoder", VitDetLayers.ENCODER),
          entry("models.mit.mit_layers.DropPath", MitLayers.DROP_PATH),
          entry("models.mit.mit_layers.HierarchicalTransformerEncoder", MitLayers.ENCODER),
          entry("models.mit.mit_layers.MixFFN", MitLayers.MIX),
          entry("models.mit.mit_layers.OverlappingPatchingAndEmbedding", MitLayers.PATCHES),
          entry("models.mit.mit_layers.SegFormerMultiheadAttention", MitLayers.ATTENTION),
          entry(MOBILE + "ConvBnActBlock", MobileNetLayers.CONVOLUTION),
          entry(MOBILE + "DepthwiseConvBlock", MobileNetLayers.DEPTHWISE),
          entry(MOBILE + "InvertedResidualBlock", MobileNetLayers.INVERTED),
          entry(MOBILE + "SqueezeAndExcite2D", MobileNetLayers.SQUEEZE),
          entry(MOBILE_V5 + "attention.MobileAttention", MobileNetV5Joining.ATTENTION),
          entry(MOBILE_V5 + "attention.MultiQueryAttention2d", MobileNetV5Joining.MULTI_QUERY),
          entry(MOBILE_V5 + "blocks.EdgeResidual", MobileNetV5Layers.EDGE),
          entry(MOBILE_V5 + "blocks.MobileNetV5MultiScaleFusionAdapter", MobileNetV5Joining.FUSION),
          entry(MOBILE_V5 + "blocks.UniversalInvertedResidual", MobileNetV5Layers.UNIVERSAL),
          entry(MOBILE_V5 + "layers.ConvNormAct", MobileNetV5Layers.CONVOLUTION),
          entry(MOBILE_V5 + "layers.LayerScale2d", MobileNetV5Layers.SCALE),
          entry(MOBILE_V5 + "layers.RmsNorm2d", MobileNetV5Layers.NORMALIZATION),
          entry(MOBILE_V5 + "utils.SelectAdaptivePool2d", MobileNetV5Layers.POOLING),
          entry(SWIN + "DropPath", SwinLayers.DROP_PATH),
          entry(SWIN + "Mlp", SwinLayers.MLP),
          entry(SWIN + "PatchEmbedding", SwinLayers.PATCHES),
          entry(SWIN + "PatchMerging", SwinLayers.MERGING),
          entry(SWIN + "SwinTransformerBlock", SwinLayers.BLOCK),
          entry(SWIN + "SwinTransformerStage", SwinLayers.STAGE),
          entry(SWIN + "WindowAttention", SwinLayers.ATTENTION),
          entry("models.vit.vit_layers.MLP", VitLayers.MLP),
          entry("models.vit.vit_layers.ViTEncoder", VitLayers.ENCODER),
          entry("models.vit.vit_layers.ViTEncoderBlock", VitLayers.BLOCK),
          entry("models.vit.vit_layers.ViTPatchingAndEmbedding", VitLayers.PATCHES));

  private VisionTable() {}
}
