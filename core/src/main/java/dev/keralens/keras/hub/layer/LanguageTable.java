package dev.keralens.keras.hub.layer;

import static java.util.Map.entry;

import dev.keralens.keras.call.LayerType;
import dev.keralens.keras.hub.language.ClipLayers;
import dev.keralens.keras.hub.language.DebertaLayers;
import dev.keralens.keras.hub.language.EmbeddingLayers;
import dev.keralens.keras.hub.language.FNetLayers;
import dev.keralens.keras.hub.language.MaskedWords;
import dev.keralens.keras.hub.language.PoolingLayers;
import dev.keralens.keras.hub.language.SigLipLayers;
import dev.keralens.keras.hub.language.TransformerLayers;
import java.util.Map;

/** The layers of KerasHub's networks for words and sound, and those that users take themselves. */
final class LanguageTable {
  private static final String CLIP = "models.clip.clip_layers.";
  private static final String DEBERTA = "models.deberta_v3.";
  private static final String SIGLIP = "models.siglip.siglip_layers.";

  static final Map<String, LayerType> TYPES =
      Map.ofEntries(
          entry("keras_hub>FNetEncoder", FNetLayers.ENCODER),
          entry("keras_hub>MaskedLMHead", MaskedWords.HEAD),
          entry("keras_hub>PositionEmbedding", EmbeddingLayers.POSITION),
          entry("keras_hub>SinePositionEncoding", EmbeddingLayers.SINE),
          entry("keras_hub>TokenAndPositionEmbedding", EmbeddingLayers.TOKEN_AND_POSITION),
          entry("keras_hub>TransformerDecoder", TransformerLayers.DECODER),
          entry("keras_hub>TransformerEncoder", TransformerLayers.ENCODER),
          entry("keras_hub>WhisperDecoder", TransformerLayers.WHISPER_DECODER),
          entry("keras_hub>WhisperEncoder", TransformerLayers.WHISPER_ENCODER),
          entry(CLIP + "CLIPEncoderLayer", ClipLayers.BLOCK),
          entry(CLIP + "CLIPHead", ClipLayers.HEAD),
          entry(CLIP + "CLIPTextPooler", ClipLayers.LAST_WORD),
          entry(CLIP + "CLIPVisionEmbedding", ClipLayers.PICTURE),
          entry(CLIP + "CLIPVisionPooler", ClipLayers.FIRST),
          entry(
              DEBERTA + "disentangled_attention_encoder.DisentangledAttentionEncoder",
              DebertaLayers.ENCODER),
          entry(
              DEBERTA + "disentangled_self_attention.DisentangledSelfAttention",
              DebertaLayers.ATTENTION),
          entry(DEBERTA + "relative_embedding.RelativeEmbedding", DebertaLayers.RELATIVE),
          entry(SIGLIP + "SigLIPEncoderLayer", SigLipLayers.BLOCK),
          entry(SIGLIP + "SigLIPHead", SigLipLayers.HEAD),
          entry(SIGLIP + "SigLIPMLP", SigLipLayers.MLP),
          entry(SIGLIP + "SigLIPMultiHeadAttentionPooling", SigLipLayers.POOLING),
          entry(SIGLIP + "SigLIPTextEmbedding", SigLipLayers.WORDS),
          entry(SIGLIP + "SigLIPVisionEmbedding", SigLipLayers.PICTURE),
          entry("models.bert.bert_text_embedder.TextPooling", PoolingLayers.TEXT),
          entry("models.whisper.whisper_backbone.Padder", TransformerLayers.PADDER),
          entry(
              "models.whisper.whisper_cached_multi_head_attention.WhisperCachedMultiHeadAttention",
              TransformerLayers.WHISPER_ATTENTION));

  private LanguageTable() {}
}
