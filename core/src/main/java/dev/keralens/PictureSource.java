package dev.keralens;

import dev.keralens.converter.ImageConverter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a model's file says of pictures. It is read when it is first asked for. */
final class PictureSource {
  static final PictureSource NONE = of(Optional::empty);

  /** Reads the file. */
  interface Reader {
    Optional<ImageConverter> read() throws IOException;
  }

  private final Reader reader;
  private boolean read;
  private @Nullable ImageConverter found;

  private PictureSource(Reader reader) {
    this.reader = reader;
  }

  static PictureSource of(Reader reader) {
    return new PictureSource(reader);
  }

  synchronized Optional<ImageConverter> find() {
    if (!read) {
      try {
        found = reader.read().orElse(null);
        read = true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return Optional.ofNullable(found);
  }
}
