package dev.keralens.keras.hub.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.hub.argument.HubGraph;
import dev.keralens.keras.hub.argument.HubGraph.Node;
import dev.keralens.keras.hub.argument.HubGraph.Ref;

/** What the tasks put behind their backbones: dense layers over the first token. */
public final class TextClassifiers {
  private final HubArguments a;
  private final HubGraph graph = new HubGraph();
  private final ObjectNode backbone;

  private TextClassifiers(HubArguments a) {
    this.a = a;
    backbone = a.model("backbone");
    a.skip("preprocessor", "dropout");
  }

  private Ref features() {
    Node inner = graph.model(backbone, backbone.path("config").path("name").asText());
    return inner.dictionary(HubGraph.inputsOf(graph, backbone));
  }

  /** The backbone gives the first token as its first output. */
  public static ObjectNode pooled(HubArguments a) {
    TextClassifiers task = new TextClassifiers(a);
    if (!task.backbone.path("config").path("output_layers").has("pooled_output")) {
      throw a.invalid("its backbone gives no pooled_output.");
    }
    return task.classes(task.features());
  }

  /** One dense layer between. */
  public static ObjectNode hidden(HubArguments a, String activation) {
    TextClassifiers task = new TextClassifiers(a);
    Ref x = task.graph.token(task.features(), 0);
    Node dense = task.graph.keras("Dense", "pooled_dense");
    a.skip("hidden_dim");
    return task.classes(dense.set("activation", activation).call(x));
  }

  /** A vector of the whole text: of the first token, the mean or the maximum of all. */
  public static ObjectNode embedder(HubArguments a) {
    TextClassifiers task = new TextClassifiers(a);
    boolean two = task.backbone.path("config").path("output_layers").isObject();
    Ref x = task.features();
    Node pooling =
        task.graph
            .inner("models.bert.bert_text_embedder", "TextPooling", "text_pooling")
            .set("pooling_mode", a.choice("pooling_mode", "mean", "cls", "max"))
            .set("normalize", a.flag("normalize", true));
    return task.graph.gives(pooling.call(two ? x.at(1) : x, new Ref("padding_mask", 0, 0)));
  }

  private ObjectNode classes(Ref x) {
    Node logits = graph.keras("Dense", "logits").set("units", a.integer("num_classes"));
    JsonNode activation = a.find("activation");
    return graph.gives(
        (activation == null ? logits : logits.set("activation", activation)).call(x));
  }
}
