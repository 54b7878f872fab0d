package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.method.GradCam;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, as it stands there. */
class ReadmeExampleTest {
  @TempDir private Path folder;

  @Test
  void example_writesAPicture() throws IOException {
    Path file = Path.of("../models/shapes/shapes.keras");
    Path scene = Path.of("../models/shapes/samples/scene-000.png");
    Path out = folder.resolve("why.png");

    try (Model model = Model.load(file);
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      Picture photo = Picture.read(scene);
      Tensor x = photo.toTensor().reshape(1, 96, 96, 3); // batch, height, width, channels
      Explanation why = explainer.explain(x, Units.top(2));
      why.scores(); // (batch, 2): the logits of the two highest units
      why.maps(); // (batch, 96, 96, 2), in [0, 1]
      Overlay.create().draw(photo, why.map(0, 0)).save(out);
    }

    assertTrue(Files.size(out) > 0);
  }
}
