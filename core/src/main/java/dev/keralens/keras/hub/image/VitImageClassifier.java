package dev.keralens.keras.hub.image;

import dev.keralens.keras.build.KerasFunctions;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.hub.argument.HubArguments;

/** The token of the class, or the mean of all, and a dense layer: of ViT and of DeiT. */
public final class VitImageClassifier {
  private VitImageClassifier() {}

  public static SymbolicTensor build(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    SymbolicTensor x = pooled(b, features, arguments);
    if (arguments.find("intermediate_dim") != null) {
      int size = arguments.integer("intermediate_dim");
      x = b.dense(size).activation("tanh").name("pre_logits").apply(x);
    }
    x = b.dropout(arguments.number("dropout", 0)).name("output_dropout").apply(x);
    return ImageClassifier.predictions(b, arguments).apply(x);
  }

  /** DeiT makes the layer that drops, and does not call it. */
  public static SymbolicTensor deit(
      ModelBuilder b, SymbolicTensor features, HubArguments arguments) {
    arguments.skip("dropout");
    return ImageClassifier.predictions(b, arguments).apply(pooled(b, features, arguments));
  }

  private static SymbolicTensor pooled(ModelBuilder b, SymbolicTensor x, HubArguments arguments) {
    return arguments.choice("pooling", "token", "gap").equals("token")
        ? KerasFunctions.token(b, x, 0)
        : KerasFunctions.mean(b, x);
  }
}
