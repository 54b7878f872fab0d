package dev.keralens.runtime.engine;

import ai.onnxruntime.OrtException;
import dev.keralens.runtime.GraphExecutionException;
import java.util.regex.Pattern;

/** What ONNX Runtime says where it fails, in words that help. */
final class Failure {
  private static final Pattern NOT_ENOUGH =
      Pattern.compile("(?i)failed to allocate memory|bad_alloc|out of memory");

  /** Where in ONNX Runtime's source something failed, and in which of its functions. */
  private static final Pattern PLACE =
      Pattern.compile("/onnxruntime_src/\\S+ [^()]*\\([^()]*\\) ?");

  private Failure() {}

  /** {@return the exception to throw for one of ONNX Runtime's} */
  static GraphExecutionException of(String what, OrtException cause) {
    return new GraphExecutionException(what + ours(cause) + " (" + theirs(cause) + ")", cause);
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
