package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import example.Why;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example, as it stands there, with a photo of another size than the model's. */
class ReadmeExampleTest {
  private static final Path SHAPES = Path.of("../models/shapes");

  @TempDir private Path folder;

  @Test
  void example_writesAPictureOfAnyPhoto() throws IOException {
    Path photo = Path.of("src/test/resources/golden/images/420.jpg");
    Path out = folder.resolve("why.png");
    Why.main(
        new String[] {
          SHAPES.resolve("shapes.keras").toString(),
          SHAPES.resolve("classes.json").toString(),
          photo.toString(),
          out.toString()
        });

    Picture figure = Picture.read(out);
    assertTrue(figure.width() > 3 * 96, figure.toString());
    assertEquals(3, figure.channels());
  }
}
