package dev.keralens.web;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.picture.UnreadableImageException;
import dev.keralens.text.Printable;
import dev.keralens.web.http.LocalServer;
import dev.keralens.web.http.Refusal;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** What is told of a failure: in the browser without folders and traces, in the terminal whole. */
final class Told {
  /** A path with a folder in it; what comes after the last separator stays. */
  private static final Pattern FOLDERS =
      Pattern.compile(
          "(?<![\\w.:/])(?:[A-Za-z]:)?(?:[/\\\\][^/\\\\\\s'\",:()]+)*[/\\\\](?=[^/\\\\\\s'\",:()]+)");

  private Told() {}

  /** A text without the folders of paths in it. */
  static String text(String text) {
    return FOLDERS.matcher(Printable.message(text)).replaceAll("");
  }

  /**
   * What a browser is told of a failure.
   *
   * @param log is told what nobody foresaw
   */
  static Refusal of(Throwable failure, Consumer<Throwable> log) {
    if (failure instanceof Refusal own) {
      return own;
    } else if (failure instanceof CancellationException) {
      return new Refusal(409, "Cancelled.");
    } else if (failure instanceof UnsupportedModelException
        || failure instanceof InvalidModelException
        || failure instanceof UnreadableImageException
        || failure instanceof IllegalArgumentException) {
      return new Refusal(422, text(Printable.reason(failure)));
    } else if (failure instanceof IllegalStateException closed
        && String.valueOf(closed.getMessage()).contains("closed")) {
      return new Refusal(409, "The model was changed meanwhile; ask again.");
    } else if (failure instanceof OutOfMemoryError) {
      return new Refusal(
          507, "Java has not enough memory for this; give it more with KERALENS_JAVA_OPTS=-Xmx8g.");
    }
    log.accept(failure);
    return LocalServer.failed(null);
  }
}
