package dev.keralens.keras.hub.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;

/** A global pooling and a dense layer. */
public final class ImageClassifier {
  private ImageClassifier() {}

  public static SymbolicTensor build(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    String pooling = arguments.choice("pooling", "avg", "max");
    SymbolicTensor x = pooled(b, pooling).apply(features);
    x = b.dropout(arguments.number("dropout", 0)).name("output_dropout").apply(x);
    return predictions(b, arguments).apply(x);
  }

  static LayerSpec pooled(ModelBuilder b, String pooling) {
    LayerSpec layer = pooling.equals("avg") ? b.globalAveragePooling2d() : b.globalMaxPooling2d();
    return layer.name("pooler");
  }

  /** The layer that gives the classes. */
  static LayerSpec predictions(ModelBuilder b, HubArguments arguments) {
    LayerSpec dense = b.dense(arguments.integer("num_classes")).name("predictions");
    JsonNode activation = arguments.find("activation");
    return activation == null ? dense : dense.set("activation", activation);
  }
}
