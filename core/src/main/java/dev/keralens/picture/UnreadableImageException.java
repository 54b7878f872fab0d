package dev.keralens.picture;

import dev.keralens.text.Printable;
import java.io.IOException;

/**
 * A file that is no image, a damaged one, or one of a kind or size that is not read; the message
 * names the file and why.
 */
public final class UnreadableImageException extends IOException {
  private static final long serialVersionUID = 1;

  UnreadableImageException(String message) {
    super(Printable.message(message));
  }

  UnreadableImageException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }
}
