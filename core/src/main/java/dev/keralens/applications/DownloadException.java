package dev.keralens.applications;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A published file is not in the cache and could not be fetched; the message says what to do. */
public final class DownloadException extends IOException {
  private static final long serialVersionUID = 1;

  DownloadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
