package dev.keralens.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

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
}
