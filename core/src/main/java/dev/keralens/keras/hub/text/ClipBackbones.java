package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Node;
import dev.keralens.keras.hub.argument.HubGraph.Ref;
import java.util.Map;

/**
 * CLIP and SigLIP: a tower for pictures, one for words, and the similarity of what they give. Of
 * the similarities of all pictures to all texts, which mix the rows of a batch, a model here gives
 * the diagonal: of each picture to the text of its own row.
 */
public final class ClipBackbones {
  private static final String CLIP = "models.clip.clip_layers";
  private static final String SIGLIP = "models.siglip.siglip_layers";

  private final HubGraph graph = new HubGraph();
  private final HubArguments a;
  private final String prefix;
  private final boolean sig;

  private ClipBackbones(HubArguments a, boolean sig) {
    this.a = a;
    this.sig = sig;
    JsonNode name = a.find("name");
    prefix = name == null ? "" : name.asText() + "_";
  }

  public static ObjectNode clipVision(HubArguments a) {
    ClipBackbones tower = new ClipBackbones(a, false);
    Ref x = tower.picture();
    x = tower.norm("pre_layer_norm", 1e-5).call(x);
    return tower.sequence(x, false, 1e-5);
  }

  public static ObjectNode clipText(HubArguments a) {
    ClipBackbones tower = new ClipBackbones(a, false);
    Node words = tower.graph.hub("TokenAndPositionEmbedding", tower.prefix + "embedding");
    return tower.sequence(tower.embed(words, 77), true, 1e-6);
  }

  public static ObjectNode sigLipVision(HubArguments a) {
    ClipBackbones tower = new ClipBackbones(a, true);
    Ref x = tower.encoders(tower.picture(), false, -1)[0];
    x = tower.norm("post_layer_norm", 1e-6).call(x);
    return tower.graph.gives(
        tower
            .graph
            .inner(SIGLIP, "SigLIPMultiHeadAttentionPooling", tower.prefix + "head")
            .copy(a, "hidden_dim", "intermediate_dim", "num_heads", "layer_norm_epsilon")
            .set("activation", a.text("intermediate_activation", "gelu_approximate"))
            .call(x));
  }

  public static ObjectNode sigLipText(HubArguments a) {
    ClipBackbones tower = new ClipBackbones(a, true);
    HubGraph graph = tower.graph;
    Node words = graph.inner(SIGLIP, "SigLIPTextEmbedding", tower.prefix + "embedding");
    Ref x = tower.encoders(tower.embed(words, 64), false, -1)[0];
    x = tower.norm("post_layer_norm", a.number("layer_norm_epsilon", 1e-6)).call(x);
    int size = a.integer("projection_dim", a.integer("hidden_dim"));
    Node head = graph.keras("Dense", tower.prefix + "head").set("units", size);
    return graph.gives(head.call(graph.token(x, -1)));
  }

  private Ref picture() {
    int[] image = a.knownImage("image_shape");
    a.channelsLast();
    int patch = a.integer("patch_size");
    if (image[0] != image[1]) {
      throw a.invalid("image_shape is no square.");
    }
    Ref images = graph.input("images", "float32", image[0], image[1], image[2]);
    String className = sig ? "SigLIPVisionEmbedding" : "CLIPVisionEmbedding";
    return graph
        .inner(sig ? SIGLIP : CLIP, className, prefix + "embedding")
        .copy(a, "hidden_dim")
        .set("patch_size", patch)
        .set("image_size", image[0])
        .call(images);
  }

  private Ref embed(Node words, int longest) {
    return words
        .copy(a, "vocabulary_size", "embedding_dim")
        .set("sequence_length", a.integer("max_sequence_length", longest))
        .call(graph.tokens("token_ids"));
  }

  private Node norm(String name, double epsilon) {
    return graph.keras("LayerNormalization", prefix + name).set("epsilon", epsilon);
  }

  /** What the last block gives, and what the one at a place gives. */
  private Ref[] encoders(Ref input, boolean causal, int place) {
    int layers = a.integer("num_layers");
    a.checkBlocks(layers);
    Ref x = input;
    Ref between = input;
    for (int i = 0; i < layers; i++) {
      Node block =
          graph
              .inner(
                  sig ? SIGLIP : CLIP,
                  sig ? "SigLIPEncoderLayer" : "CLIPEncoderLayer",
                  prefix + "encoder_block_" + i)
              .copy(a, "hidden_dim", "num_heads", "intermediate_dim", "intermediate_activation");
      if (sig) {
        block.copy(a, "layer_norm_epsilon");
      } else {
        block.set("use_causal_mask", causal);
      }
      x = block.call(x);
      between = i == place ? x : between;
    }
    return new Ref[] {x, between};
  }

  private ObjectNode sequence(Ref input, boolean causal, double epsilon) {
    boolean inside = a.find("intermediate_output_index") != null;
    int place = a.integer("intermediate_output_index", -1);
    int layers = a.integer("num_layers");
    int at = place < 0 ? place + layers : place;
    if (inside && (at < 0 || at >= layers)) {
      throw a.invalid("intermediate_output_index=%d is no layer.".formatted(place));
    }
    Ref[] x = encoders(input, causal, inside ? at : -1);
    Ref output = norm("layer_norm", epsilon).call(x[0]);
    return inside
        ? graph.gives(Map.of("sequence_output", output, "intermediate_output", x[1]))
        : graph.gives(output);
  }

  public static ObjectNode clip(HubArguments a) {
    ClipBackbones model = new ClipBackbones(a, false);
    HubGraph graph = model.graph;
    Tower vision = model.tower("vision_encoder");
    Tower text = model.tower("text_encoder");
    int size = a.integer("projection_dim");
    Ref pictures = graph.inner(CLIP, "CLIPVisionPooler", "vision_pooler").call(vision.sequence());
    Ref words =
        graph
            .inner(CLIP, "CLIPTextPooler", "text_pooler")
            .call(text.sequence(), new Ref("token_ids", 0, 0));
    Node visionDense = graph.keras("Dense", "vision_projection").set("units", size);
    Ref seen = visionDense.set("use_bias", false).call(pictures);
    Node textDense = graph.keras("Dense", "text_projection").set("units", size);
    Ref read = textDense.set("use_bias", false).call(words);
    return model.logits(graph.inner(CLIP, "CLIPHead", "clip_head").call(seen, read));
  }

  public static ObjectNode sigLip(HubArguments a) {
    ClipBackbones model = new ClipBackbones(a, true);
    Tower vision = model.tower("vision_encoder");
    Tower text = model.tower("text_encoder");
    Node head = model.graph.inner(SIGLIP, "SigLIPHead", "siglip_head");
    return model.logits(head.call(vision.output(), text.output()));
  }

  private ObjectNode logits(Ref logits) {
    return graph.gives(Map.of("vision_logits", logits, "text_logits", logits.at(1)));
  }

  /** A tower's call; of two outputs, which are in the order of their names, the second one. */
  private record Tower(Ref output, boolean two) {
    Ref sequence() {
      return two ? output.at(1) : output;
    }
  }

  private Tower tower(String key) {
    ObjectNode tower = a.model(key);
    Map<String, Ref> inputs = HubGraph.inputsOf(graph, tower);
    Node inner = graph.model(tower, tower.path("config").path("name").asText());
    boolean two = tower.path("config").path("output_layers").isObject();
    return new Tower(inner.dictionary(inputs), two);
  }
}
