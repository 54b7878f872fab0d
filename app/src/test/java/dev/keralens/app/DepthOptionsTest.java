package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 16-bit images; models and predictions are from {@code parity/images}. */
class DepthOptionsTest {
  private static final Path DEEP = Cli.CORE.resolve("golden/deep");

  @TempDir private Path folder;

  private static Path model(String name) {
    return DEEP.resolve(name + ".keras");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rescaling", "flipped", "normalization", "divided", "eight_bits"})
  void predict_isWhatKerasPredicts(String name) throws IOException {
    Path scores = folder.resolve("scores.npy");
    Cli run = Cli.done("predict", DEEP.resolve("gray.png"), "-m", model(name), "-o", scores);
    JsonNode expected =
        new ObjectMapper().readTree(DEEP.resolve("predictions.json").toFile()).get(name);
    Tensor actual = Npy.read(scores);
    for (int unit = 0; unit < 3; unit++) {
      assertEquals(expected.get(unit).floatValue(), actual.get(0, unit), 2e-5);
    }
    String what = name.equals("eight_bits") ? "became 0 to 255" : "gets 0 to 65535 as they are";
    assertTrue(said(run, "gray.png has 16 bits: ").contains(what), run::toString);
  }

  private static String said(Cli run, String what) {
    return run.err().stream().filter(line -> line.contains(what)).findFirst().orElse("");
  }

  @Test
  void depth_isWhatTheUserSays() throws IOException {
    Path scores = folder.resolve("scores.npy");
    Path other = folder.resolve("other.npy");
    Path gray = DEEP.resolve("gray.png");
    Cli.done("predict", gray, "-m", model("rescaling"), "-o", scores, "--depth", 8);
    Cli.done("predict", gray, "-m", model("rescaling"), "-o", other, "--depth", 16);
    assertFalse(Npy.read(scores).get(0, 0) == Npy.read(other).get(0, 0));
    Cli.fails(
        2,
        List.of("--depth 16 is for --preprocess none"),
        "predict",
        gray,
        "-m",
        model("rescaling"),
        "--depth",
        16,
        "--preprocess",
        "unit");
  }

  @Test
  void options_thatDoNothing_areRefused() {
    Object array = Cli.PARITY.resolve("conv_mix/x.npy");
    Object model = Cli.PARITY.resolve("conv_mix/model.keras");
    Cli.fails(2, List.of("are for images"), "predict", array, "-m", model, "--depth", 16);
    Cli.fails(2, List.of("are for images"), "predict", array, "-m", model, "--image-bits", 12);
    Cli.fails(2, List.of("--depth is 8 or 16"), "predict", array, "-m", model, "--depth", 12);
  }

  @Test
  void imageBits_isHinted() {
    Path scan = DEEP.resolve("scan12.png");
    Cli dark = Cli.done("predict", scan, "-m", model("eight_bits"), "--preprocess", "none");
    assertTrue(said(dark, "no number above 4095").contains("--image-bits 12"), dark::toString);
    Cli bright =
        Cli.done(
            "predict", scan, "-m", model("eight_bits"), "--preprocess", "none", "--image-bits", 12);
    assertEquals("", said(bright, "no number above"), bright::toString);
    assertTrue(said(bright, "0 to 4095 became 0 to 255").contains("scan12"), bright::toString);
  }

  @Test
  void eightBits_areScaledUpForASixteenBitModel() {
    Cli run = Cli.done("predict", Cli.IMAGES.resolve("gray.png"), "-m", model("rescaling"));
    assertTrue(said(run, "gray.png has 8 bits").contains("multiplied by 257"), run::toString);
  }
}
