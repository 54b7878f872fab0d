package dev.keralens.picture.webp;

import java.io.IOException;

/** A WebP file that is damaged or of a kind that is not read; the message lacks the file's name. */
public final class WebpException extends IOException {
  private static final long serialVersionUID = 1;

  WebpException(String message) {
    super(message);
  }
}
