package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.Model;
import dev.keralens.inspect.InputScaling.Certainty;
import dev.keralens.keras.build.LayerSpec;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the arithmetic before the first weights ends. */
class PixelPathTest {
  /** A layer that hands a convolution's value on has no weights; the convolution has them. */
  @ParameterizedTest
  @ValueSource(strings = {"dropout", "activation", "a"})
  void convolution_isNoScalingWhateverFollowsIt(String name) {
    ModelBuilder b = ModelBuilder.create("handed");
    SymbolicTensor x = b.input(12, 12, 3);
    SymbolicTensor conv = b.conv2d(4, 3, 3).name("c").apply(x);
    LayerSpec next = name.equals("dropout") ? b.dropout(0.5) : b.activation("linear");
    SymbolicTensor handed = next.name(name).apply(conv);
    SymbolicTensor pooled = b.globalAveragePooling2d().apply(handed);
    try (Model model =
        Model.of("handed", KerasModel.initialize(b.build(b.dense(3).apply(pooled)), 7))) {
      InputScaling scaling =
          InputScaling.of(model.inputs().get(0), model.network(), 0).orElseThrow();
      assertEquals(Certainty.OPEN, scaling.certainty());
      assertEquals("nothing in the model scales them", scaling.ground());
    }
  }
}
