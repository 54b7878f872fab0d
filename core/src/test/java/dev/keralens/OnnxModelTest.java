package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.filter.Filters;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.inspect.Logits;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.search.Layers;
import dev.keralens.onnx.read.OnnxArchive;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks that PyTorch, Keras and tf2onnx exported, explained as the frameworks themselves would.
 */
class OnnxModelTest {
  private static final double OUTPUTS = 1e-5;
  private static final double MAPS = 1e-4;

  @TempDir private Path folder;

  static List<String> exported() throws IOException {
    return OnnxArchive.names().stream()
        .filter(name -> name.matches("(torch|keras|tf2onnx)_.*"))
        .toList();
  }

  private Model model(String name) throws IOException {
    return Model.load(OnnxArchive.unpack(name, folder).model());
  }

  /** The logits and the explained activation are found where nothing is named. */
  @ParameterizedTest
  @MethodSource("exported")
  void maps_matchTheFramework(String name) throws IOException {
    ExplainOptions raw =
        ExplainOptions.defaults().withFilter(Filters::none).withResize(Resize.none());
    try (Model model = model(name)) {
      OnnxArchive archive = new OnnxArchive(folder);
      Tensor x = archive.array("in0");
      Units units = Units.each(archive.array("units"));
      OnnxArchive.assertClose(archive.array("out0"), model.predict(x), OUTPUTS, "output");
      Network network = model.network();
      Logits logits = Logits.of(network, 0);
      try (Explainer explainer = Explainer.of(model, raw, Gradients.create())) {
        Explanation maps = explainer.explain(x, units);
        OnnxArchive.assertClose(highest(archive), maps.scores(), OUTPUTS, "logits");
        ExplainerParityTest.assertMaps(archive.array("gradients"), maps.maps(), MAPS, "gradients");
      }
      if (Files.exists(folder.resolve("gradcam.npy"))) {
        try (Explainer explainer = Explainer.of(model, raw, GradCam.create())) {
          Explanation maps = explainer.explain(x, units);
          ExplainerParityTest.assertMaps(archive.array("gradcam"), maps.maps(), MAPS, "gradcam");
        }
        assertInstanceOf(
            ActivationChoice.Found.class,
            ActivationChoice.of(logits.network(), logits.tensor(), 0));
      }
    }
  }

  private static Tensor highest(OnnxArchive archive) throws IOException {
    Tensor logits = archive.array("logits");
    Tensor units = archive.array("units");
    int k = units.size(1);
    float[] out = new float[units.elements()];
    for (int i = 0; i < out.length; i++) {
      out[i] = logits.get(i / k, (int) units.toLongArray()[i]);
    }
    return Tensor.of(out, units.shape());
  }

  @Test
  void predict_batchIsFreeWhereTheFileFixesIt() throws IOException {
    try (Model model = model("torch_residual_fixed_batch")) {
      Tensor x = new OnnxArchive(folder).array("in0");
      Tensor both = model.predict(x);
      assertArrayEquals(new int[] {2, 5}, both.shape());
      OnnxArchive.assertClose(both.rows(1, 2), model.predict(x.rows(1, 2)), OUTPUTS, "second row");
    }
  }

  @Test
  void inputs_areShownAsTheFileHasThem() throws IOException {
    try (Model model = model("torch_residual")) {
      assertEquals("x (None, 3, 24, 20)", model.inputs().get(0).toString());
      assertEquals(Layout.CHANNELS_FIRST, model.network().inputs().get(0).layout());
    }
  }

  @Test
  void inputs_channelsLastWhereTheFileTransposes() throws IOException {
    try (Model model = model("tf2onnx_residual_17")) {
      assertEquals("pixels (None, 33, 29, 3)", model.inputs().get(0).toString());
      assertEquals(Layout.PLAIN, model.network().inputs().get(0).layout());
    }
  }

  /** Maps have the size of the input whatever the order of its axes. */
  @Test
  void explain_mapsOfTheInputsSize() throws IOException {
    try (Model model = model("torch_residual");
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      Explanation why = explainer.explain(new OnnxArchive(folder).array("in0"), Units.top(2));
      assertArrayEquals(new int[] {2, 24, 20, 2}, why.maps().shape());
    }
  }

  /** Pictures have their channels last, PyTorch's inputs first. */
  @Test
  void predict_picture() throws IOException {
    Path file = folder.resolve("picture.png");
    Picture.of(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB)).save(file);
    try (Model model = model("torch_residual")) {
      Tensor pixels =
          ImageLoader.create().size(24, 20).load(file); // (height, width, channel), 0 to 255
      Tensor x =
          pixels.reshape(1, 24, 20, 3).transpose(0, 3, 1, 2); // (batch, channel, height, width)
      assertArrayEquals(new int[] {1, 5}, model.predict(x).shape());
    }
  }

  @Test
  void layer_byNodeOrByValue() throws IOException {
    try (Model model = model("torch_residual_script")) {
      Network network = model.network();
      KerasTensor node = Layers.output(network, "/block/conv2/Conv");
      KerasTensor value = Layers.output(network, "/block/conv2/Conv_output_0");
      assertEquals(node.value(), value.value());
      assertEquals(Layout.CHANNELS_FIRST, node.layout());
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> Layers.output(network, "/block/conv2/Conw"));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("did you mean '/block/conv2/Conv'?"), message);
    }
  }

  @Test
  void load_byContentWhateverTheName() throws IOException {
    OnnxArchive archive = OnnxArchive.unpack("torch_plain", folder);
    Path renamed = Files.move(archive.model(), folder.resolve("network.bin"));
    try (Model model = Model.load(renamed)) {
      assertFalse(model.layers().isEmpty());
    }
  }
}
