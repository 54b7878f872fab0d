package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.draw.Pictures;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of this package's Javadoc. */
class PictureExamplesTest {
  @TempDir Path folder;
  private Path photo = Path.of("");

  @BeforeEach
  void putPhoto() throws IOException {
    photo = folder.resolve("cat.jpg");
    Files.write(photo, GoldenImages.file("420.jpg"));
  }

  @Test
  void imageLoader_forAModel() throws IOException {
    Tensor x = ImageLoader.keras().size(224, 224).interpolation(Interpolation.BILINEAR).load(photo);
    assertArrayEquals(new int[] {224, 224, 3}, x.shape());
  }

  @Test
  void grid_ofAPhoto() throws IOException {
    Picture photo = Picture.read(this.photo);
    Tensor map = Tensor.of(new float[] {0, 1, 0.5f, 0.25f}, 2, 2);
    Picture grid =
        Pictures.grid()
            .add(photo, "the photo")
            .add(photo, map, "dalmatian 0.88")
            .colorBar("evidence")
            .draw();
    assertTrue(grid.width() > 400);
  }
}
