package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with models whose channels are first, or that have none. */
class AxesCommandTest {
  private static final Path AXES = Cli.CORE.resolve("golden/axes");
  private static final Path PHOTO = Cli.IMAGES.resolve("444.jpg");

  @TempDir private Path folder;

  @Test
  void photo_goesIntoChannelsFirst() throws IOException {
    Path last = AXES.resolve("rank2-last.keras");
    Path first = AXES.resolve("rank2-first.json");
    for (String method : List.of("gradcam", "gradients", "scorecam")) {
      Path a = folder.resolve("a.npy");
      Path b = folder.resolve("b.npy");
      Cli.done("explain", PHOTO, "-m", last, "--method", method, "--preprocess", "unit", "-o", a);
      Cli.done(
          "explain",
          PHOTO,
          "-m",
          first,
          "--weights",
          last,
          "--method",
          method,
          "--preprocess",
          "unit",
          "-o",
          b);
      assertArrayEquals(new int[] {1, 12, 16, 1}, Npy.read(b).shape());
      assertArrayEquals(Npy.read(a).toFloatArray(), Npy.read(b).toFloatArray(), 1e-5f);
    }
    Path picture = folder.resolve("why.png");
    Cli.done("explain", PHOTO, "-m", first, "--weights", last, "-o", picture);
    assertTrue(Picture.read(picture).width() > 16);
    Cli inspect = Cli.done("inspect", first, "--weights", last);
    assertTrue(inspect.out().contains("Input: x (None, 3, 12, 16) float32, channels first"));
  }

  @Test
  void photo_goesIntoAPictureWithoutChannels() throws IOException {
    Path model = AXES.resolve("picture-reshapes.keras");
    Path picture = folder.resolve("why.png");
    Cli.done("explain", PHOTO, "-m", model, "--method", "gradcam,gradients", "-o", picture);
    assertTrue(Picture.read(picture).width() > 10);
    Cli inspect = Cli.done("inspect", model);
    assertTrue(inspect.out().contains("Input: x (None, 8, 10) float32, no channels"));
  }

  @Test
  void photo_intoASequenceHasNoPicture() {
    Path model = AXES.resolve("picture-rows.keras");
    Cli run =
        Cli.run(
            "explain",
            PHOTO,
            "-m",
            model,
            "--method",
            "gradients",
            "--preprocess",
            "unit",
            "-o",
            folder.resolve("why.png"));
    assertEquals(1, run.code());
    assertTrue(run.err().toString().contains("a signal and no image"), run::toString);
  }

  @Test
  void unitAxis_isSaidWhereItIsNotTheLast() {
    Path x = AXES.resolve("seg-x.npy");
    Path seg = AXES.resolve("seg.onnx");
    Path maps = folder.resolve("maps.npy");
    Cli run = Cli.done("explain", x, "-m", seg, "--method", "gradients", "-o", maps);
    assertEquals(
        "keralens: the units of the output (batch, 3, 24, 32) lie on axis 1: Conv 'Conv_4/Conv' has its"
            + " channels there (--unit-axis)",
        run.err().get(0));
    Cli unknown = Cli.run("explain", x, "-m", seg, "--units", "5", "-o", maps);
    assertEquals(2, unknown.code());
    assertTrue(unknown.err().toString().contains("seg.onnx has the units 0 to 2"));
  }
}
