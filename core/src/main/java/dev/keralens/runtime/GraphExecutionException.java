package dev.keralens.runtime;

import ai.onnxruntime.OrtException;
import dev.keralens.text.Printable;
import java.util.regex.Pattern;

/**
 * ONNX Runtime failed to compile a graph or to run it, for instance for want of memory, or its
 * native library could not be loaded. The message ends with its own words, which name the operator.
 */
public final class GraphExecutionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Pattern NOT_ENOUGH =
      Pattern.compile("(?i)failed to allocate memory|bad_alloc|out of memory");

  /** Where in ONNX Runtime's source something failed, and in which of its functions. */
  private static final Pattern PLACE =
      Pattern.compile("/onnxruntime_src/\\S+ [^()]*\\([^()]*\\) ?");

  GraphExecutionException(String what, OrtException cause) {
    super(Printable.message(what + ours(cause) + " (" + theirs(cause) + ")"), cause);
  }

  GraphExecutionException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }

  GraphExecutionException(String message) {
    super(Printable.message(message));
  }

  private static String ours(OrtException cause) {
    return NOT_ENOUGH.matcher(String.valueOf(cause.getMessage())).find()
        ? ": there is not enough memory. Take fewer images at once (--batch-size), smaller ones"
            + " (--size), or fewer threads (--threads)."
        : ".";
  }

  private static String theirs(OrtException cause) {
    String text = String.valueOf(cause.getMessage());
    return "ONNX Runtime says: " + PLACE.matcher(text).replaceAll("").strip();
  }
}
