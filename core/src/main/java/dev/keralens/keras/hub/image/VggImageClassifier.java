package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;

/** Two hidden layers and a dense one, inside a model of their own. */
public final class VggImageClassifier {
  private VggImageClassifier() {}

  public static SymbolicTensor build(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    String pooling = arguments.choice("pooling", "avg", "max", "flatten");
    int hidden = arguments.integer("pooling_hidden_dim", 4096);
    LayerSpec dropout = b.dropout(arguments.number("dropout", 0)).name("output_dropout");
    LayerSpec predictions = ImageClassifier.predictions(b, arguments);
    LayerSpec head;
    if (pooling.equals("flatten")) {
      LayerSpec first = b.dense(hidden).activation("relu").name("fc1");
      LayerSpec second = b.dense(hidden).activation("relu").name("fc2");
      head = b.sequential(b.flatten().name("flatten"), first, dropout, second, predictions);
    } else {
      LayerSpec first = b.conv2d(hidden, 7).activation("relu").name("fc1");
      LayerSpec second = b.conv2d(hidden, 1).padding("same").activation("relu").name("fc2");
      LayerSpec pooler = ImageClassifier.pooled(b, pooling);
      head = b.sequential(first, dropout, second, pooler, predictions);
    }
    return head.name("head").apply(features);
  }
}
