package dev.keralens.keras.hub;

import static java.util.Map.entry;

import dev.keralens.keras.hub.argument.HubBackbone;
import dev.keralens.keras.hub.argument.HubTask;
import dev.keralens.keras.hub.argument.HubText;
import dev.keralens.keras.hub.image.CspNetBackbone;
import dev.keralens.keras.hub.image.DFineBackbone;
import dev.keralens.keras.hub.image.DeepLabBackbone;
import dev.keralens.keras.hub.image.DeitBackbone;
import dev.keralens.keras.hub.image.DenseNetBackbone;
import dev.keralens.keras.hub.image.DinoV2Backbone;
import dev.keralens.keras.hub.image.DinoV3Backbone;
import dev.keralens.keras.hub.image.EfficientNetBackbone;
import dev.keralens.keras.hub.image.HgNetBackbone;
import dev.keralens.keras.hub.image.ImageClassifier;
import dev.keralens.keras.hub.image.MitBackbone;
import dev.keralens.keras.hub.image.MobileNetBackbone;
import dev.keralens.keras.hub.image.MobileNetV5Backbone;
import dev.keralens.keras.hub.image.ResNetBackbone;
import dev.keralens.keras.hub.image.RetinaNetBackbone;
import dev.keralens.keras.hub.image.SamBackbone;
import dev.keralens.keras.hub.image.SegFormerBackbone;
import dev.keralens.keras.hub.image.SwinBackbone;
import dev.keralens.keras.hub.image.VggBackbone;
import dev.keralens.keras.hub.image.VggImageClassifier;
import dev.keralens.keras.hub.image.VitBackbone;
import dev.keralens.keras.hub.image.VitDetBackbone;
import dev.keralens.keras.hub.image.VitImageClassifier;
import dev.keralens.keras.hub.image.XceptionBackbone;
import dev.keralens.keras.hub.text.BertBackbones;
import dev.keralens.keras.hub.text.ClipBackbones;
import dev.keralens.keras.hub.text.LanguageModels;
import dev.keralens.keras.hub.text.TextClassifiers;
import dev.keralens.keras.hub.text.TokenBackbones;
import dev.keralens.keras.hub.text.WhisperBackbone;
import java.util.Map;

/**
 * KerasHub's classes that are read, by the name that they are registered under.
 *
 * <p>To add a backbone: a class that writes its layers out and a row here; a case to
 * parity/hub/make_hub.py, whose golden data {@code HubTest} asks for each row.
 */
final class HubTable {
  static final Map<String, HubBackbone> BACKBONES =
      Map.ofEntries(
          entry("keras_hub>CSPNetBackbone", CspNetBackbone::build),
          entry("keras_hub>DenseNetBackbone", DenseNetBackbone::build),
          entry("keras_hub>EfficientNetBackbone", EfficientNetBackbone::build),
          entry("keras_hub>DINOV2Backbone", DinoV2Backbone::build),
          entry("keras_hub>DINOV3Backbone", DinoV3Backbone::build),
          entry("keras_hub>MobileNetV5Backbone", MobileNetV5Backbone::build),
          entry("keras_hub>SAMBackbone", SamBackbone::build),
          entry("keras_hub>DeiTBackbone", DeitBackbone::build),
          entry("keras_hub>HGNetV2Backbone", HgNetBackbone::build),
          entry("keras_hub>MiTBackbone", MitBackbone::build),
          entry("keras_hub>MobileNetBackbone", MobileNetBackbone::build),
          entry("keras_hub>SegFormerBackbone", SegFormerBackbone::build),
          entry("keras_hub>SwinTransformerBackbone", SwinBackbone::build),
          entry("keras_hub>DFineBackbone", DFineBackbone::build),
          entry("keras_hub>DeepLabV3Backbone", DeepLabBackbone::build),
          entry("keras_hub>RetinaNetBackbone", RetinaNetBackbone::build),
          entry("keras_hub>ViTDetBackbone", VitDetBackbone::build),
          entry("keras_hub>ResNetBackbone", ResNetBackbone::build),
          entry("keras_hub>VGGBackbone", VggBackbone::build),
          entry("keras_hub>ViTBackbone", VitBackbone::build),
          entry("keras_hub>XceptionBackbone", XceptionBackbone::build));

  static final Map<String, HubTask> TASKS =
      Map.ofEntries(
          entry("keras_hub>CSPNetImageClassifier", ImageClassifier::build),
          entry("keras_hub>DenseNetImageClassifier", ImageClassifier::build),
          entry("keras_hub>EfficientNetImageClassifier", ImageClassifier::build),
          entry("keras_hub>ImageClassifier", ImageClassifier::build),
          entry("keras_hub>DeiTImageClassifier", VitImageClassifier::deit),
          entry("keras_hub>HGNetV2ImageClassifier", HgNetBackbone::classifier),
          entry("keras_hub>MiTImageClassifier", ImageClassifier::build),
          entry("keras_hub>MobileNetImageClassifier", MobileNetBackbone::classifier),
          entry("keras_hub>MobileNetV5ImageClassifier", MobileNetV5Backbone::classifier),
          entry("keras_hub>SAMImageSegmenter", SamBackbone::segmenter),
          entry("keras_hub>SegFormerImageSegmenter", SegFormerBackbone::segmenter),
          entry("keras_hub>SwinTransformerImageClassifier", SwinBackbone::classifier),
          entry("keras_hub>DFineObjectDetector", DFineBackbone::detector),
          entry("keras_hub>DeepLabV3ImageSegmenter", DeepLabBackbone::segmenter),
          entry("keras_hub>RetinaNetObjectDetector", RetinaNetBackbone::detector),
          entry("keras_hub>ResNetImageClassifier", ImageClassifier::build),
          entry("keras_hub>VGGImageClassifier", VggImageClassifier::build),
          entry("keras_hub>ViTImageClassifier", VitImageClassifier::build),
          entry("keras_hub>XceptionImageClassifier", ImageClassifier::build));

  /** Models of several inputs or outputs, and tasks with such a backbone. */
  static final Map<String, HubText> TEXTS =
      Map.ofEntries(
          entry("keras_hub>AlbertBackbone", BertBackbones::albert),
          entry("keras_hub>AlbertMaskedLM", a -> LanguageModels.masked(a, "gelu_approximate")),
          entry("keras_hub>AlbertTextClassifier", TextClassifiers::pooled),
          entry("keras_hub>BertBackbone", BertBackbones::bert),
          entry("keras_hub>BertMaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>BertTextClassifier", TextClassifiers::pooled),
          entry("keras_hub>BertTextEmbedder", TextClassifiers::embedder),
          entry("keras_hub>CLIPBackbone", ClipBackbones::clip),
          entry("keras_hub>CLIPTextEncoder", ClipBackbones::clipText),
          entry("keras_hub>CLIPVisionEncoder", ClipBackbones::clipVision),
          entry("keras_hub>DebertaV3Backbone", TokenBackbones::debertaV3),
          entry("keras_hub>DebertaV3MaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>DebertaV3TextClassifier", a -> TextClassifiers.hidden(a, "gelu")),
          entry("keras_hub>DistilBertBackbone", TokenBackbones::distilBert),
          entry("keras_hub>DistilBertMaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>DistilBertTextClassifier", a -> TextClassifiers.hidden(a, "relu")),
          entry("keras_hub>ElectraBackbone", BertBackbones::electra),
          entry("keras_hub>FNetBackbone", BertBackbones::fNet),
          entry("keras_hub>FNetMaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>FNetTextClassifier", TextClassifiers::pooled),
          entry("keras_hub>GPT2Backbone", TokenBackbones::gpt2),
          entry("keras_hub>GPT2CausalLM", LanguageModels::causal),
          entry("keras_hub>RobertaBackbone", TokenBackbones::roberta),
          entry("keras_hub>RobertaMaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>RobertaTextClassifier", a -> TextClassifiers.hidden(a, "tanh")),
          entry("keras_hub>SigLIPBackbone", ClipBackbones::sigLip),
          entry("keras_hub>SigLIPTextEncoder", ClipBackbones::sigLipText),
          entry("keras_hub>SigLIPVisionEncoder", ClipBackbones::sigLipVision),
          entry("keras_hub>WhisperBackbone", WhisperBackbone::build),
          entry("keras_hub>XLMRobertaBackbone", TokenBackbones::roberta),
          entry("keras_hub>XLMRobertaMaskedLM", a -> LanguageModels.masked(a, "gelu")),
          entry("keras_hub>XLMRobertaTextClassifier", a -> TextClassifiers.hidden(a, "tanh")));

  private HubTable() {}
}
