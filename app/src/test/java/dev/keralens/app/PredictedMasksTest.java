package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a segmentation predicts, beside its maps. */
class PredictedMasksTest {
  @TempDir private Path folder;

  /** Its classes are the channels of the picture: where red is the strongest, unit 0 is. */
  private Path model() throws IOException {
    ModelBuilder b = ModelBuilder.create("colors");
    SymbolicTensor x = b.input(32, 32, 3);
    Path file = folder.resolve("colors.onnx");
    try (Model built =
        Model.of("colors", KerasModel.initialize(b.build(b.softmax().apply(x)), 7))) {
      built.export(file);
    }
    return file;
  }

  private Path picture() throws IOException {
    float[] samples = new float[32 * 32 * 3];
    for (int place = 0; place < 32 * 32; place++) {
      samples[3 * place + (place % 32 < 16 ? 0 : 2)] = 200;
    }
    Path file = folder.resolve("halves.png");
    Picture.ofTensor(Tensor.of(samples, 32, 32, 3)).save(file);
    return file;
  }

  @Test
  void grid_hasThePredictionBesideTheImage() throws IOException {
    Path names = Files.writeString(folder.resolve("names.txt"), "red\ngreen\nblue\n");
    Path svg = folder.resolve("why.svg");
    Path png = folder.resolve("why.png");
    Object[] words = {
      "explain", picture(), "-m", model(), "--classes", names, "--method", "gradients", "-o", png
    };
    Cli.done(words);
    words[words.length - 1] = svg;
    Cli.done(words);
    String text = Files.readString(svg);
    assertTrue(text.contains(">prediction</text>"), text);
    assertTrue(text.contains(">red 50 %</text>") && text.contains(">blue 50 %</text>"), text);
    assertTrue(text.contains(">green 0 %</text>"), text);

    Picture grid = Picture.read(png);
    int cell = (grid.width() - grid.width() / 100) / 3;
    int row = grid.height() / 3;
    int left = cell + cell / 4;
    int right = cell + 3 * cell / 4;
    // Vermilion for unit 0, and bluish green for unit 2.
    assertTrue(grid.sample(row, left, 0) > grid.sample(row, left, 2) + 60, grid::toString);
    assertTrue(grid.sample(row, right, 1) > grid.sample(row, right, 0) + 40, grid::toString);
  }
}
