package dev.keralens.picture;

import dev.keralens.Mutations;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changed images; see {@link Mutations}. A changed size may be a large one, up to the bound. */
class ImageFuzzTest {
  private static final long MOST_PIXELS = 1_000_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "420.jpg",
        "interlaced.png",
        "animated.gif",
        "lzw.tif",
        "lossy.webp",
        "lossy_alpha.webp",
        "lossless_alpha.webp"
      })
  void read_changedFile(String name) throws IOException {
    Mutations.check(
        GoldenImages.file(name),
        List.of(UnreadableImageException.class),
        changed -> ImageLoader.create().maxPixels(MOST_PIXELS).read(changed, name));
  }
}
