package dev.keralens.app;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The standard output, which remembers what could not be written: {@link PrintStream} hides it. */
final class StandardOutput extends OutputStream {
  private static final int BUFFER = 8192;

  private final OutputStream out;
  private @Nullable IOException failure;

  StandardOutput(OutputStream out) {
    this.out = out;
  }

  /** Takes the place of {@link System#out}. */
  static StandardOutput install() {
    StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
    String encoding = System.getProperty("stdout.encoding", System.getProperty("native.encoding"));
    Charset charset = encoding == null ? Charset.defaultCharset() : Charset.forName(encoding);
    System.setOut(new PrintStream(new BufferedOutputStream(output, BUFFER), true, charset));
    return output;
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) throws IOException {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  /** Why not all was written; empty where nobody wants it any more, as behind {@code | head}. */
  synchronized Optional<String> failure() {
    String reason = failure == null ? null : String.valueOf(failure.getMessage());
    return Optional.ofNullable(reason)
        .filter(text -> !text.toLowerCase(Locale.ROOT).contains("pipe"));
  }
}
