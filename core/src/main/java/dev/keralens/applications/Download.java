package dev.keralens.applications;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Fetches one file into {@code NAME.part} and gives it its name when it is complete and its hash is
 * right. Whoever runs it holds the lock of the file.
 */
final class Download {
  /** How often to try in a row without getting one more byte. */
  private static final int ATTEMPTS = 4;

  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERRORS = 500;

  private final PublishedFile file;
  private final URI address;
  private final Path target;
  private final Path part;
  private final Path version;
  private final Duration patience;
  private final Duration pause;
  private final DownloadListener listener;

  Download(
      PublishedFile file,
      URI address,
      Path target,
      Duration patience,
      Duration pause,
      DownloadListener listener) {
    this.file = file;
    this.address = address;
    this.target = target;
    this.part = target.resolveSibling(file.name() + ".part");
    this.version = target.resolveSibling(file.name() + ".part.version");
    this.patience = patience;
    this.pause = pause;
    this.listener = listener;
  }

  /** What makes trying again useless. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Downloads the file.
   *
   * @throws DownloadException if that fails; the message says what to do
   */
  void run() throws IOException {
    HttpClient client = client();
    int failures = 0;
    while (true) {
      long before = size();
      try {
        fetch(client);
        break;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        failures = size() > before ? 1 : failures + 1;
        if (failures == ATTEMPTS || e instanceof RefusedException) {
          throw failed(e);
        }
        pause(pause.multipliedBy(1L << (failures - 1)));
      }
    }
    finish();
  }

  private HttpClient client() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL);
    ProxySelector proxies = ProxySelector.getDefault();
    if (proxies != null) {
      builder.proxy(proxies);
    }
    return builder.build();
  }

  private void fetch(HttpClient client) throws IOException {
    long have = size();
    String known = Files.exists(version) ? Files.readString(version).strip() : "";
    // Without a hash nothing would tell the pieces of two versions of a file from one another.
    boolean resumes = have > 0 && (file.hash() != null || !known.isEmpty());
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience);
    if (resumes) {
      request.header("Range", "bytes=" + have + "-");
      if (!known.isEmpty()) {
        request.header("If-Range", known);
      }
    }
    HttpResponse<InputStream> response = send(client, request.build());
    int status = response.statusCode();
    if (resumes && status == RANGE_NOT_SATISFIABLE) {
      response.body().close();
      discard();
      throw new IOException("the server has another version of the file by now");
    }
    if (status != OK && !(resumes && status == PARTIAL)) {
      response.body().close();
      String problem = "the server answered with status " + status;
      throw status == TOO_MANY || status >= SERVER_ERRORS
          ? new IOException(problem)
          : new RefusedException(problem);
    }
    long from = status == PARTIAL ? have : 0;
    remember(response);
    receive(response, from);
  }

  private static HttpResponse<InputStream> send(HttpClient client, HttpRequest request)
      throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("The download was interrupted.").initCause(e);
    }
  }

  /** Keeps what tells this version of the file from others, for a later request for the rest. */
  private void remember(HttpResponse<?> response) throws IOException {
    Optional<String> tag =
        response
            .headers()
            .firstValue("ETag")
            .filter(value -> !value.startsWith("W/"))
            .or(() -> response.headers().firstValue("Last-Modified"));
    Files.writeString(version, tag.orElse(""));
  }

  private void receive(HttpResponse<InputStream> response, long from) throws IOException {
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    long total = length < 0 ? -1 : from + length;
    checkSpace(length);
    long done = from;
    listener.progress(file, done, total);
    try (StallGuard in = new StallGuard(response.body(), patience);
        PartFile out = PartFile.open(part, from)) {
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, count);
        done += count;
        listener.progress(file, done, total);
      }
    }
    if (total >= 0 && done != total) {
      throw new IOException("the connection broke off after %d of %d bytes".formatted(done, total));
    }
  }

  private void checkSpace(long needed) throws IOException {
    long space = Files.getFileStore(part.toAbsolutePath().getParent()).getUsableSpace();
    if (needed > space) {
      throw new RefusedException(
          "it needs %d MB more, there are %d MB free in %s"
              .formatted(needed >> 20, space >> 20, target.getParent()));
    }
  }

  private void finish() throws IOException {
    String expected = file.hash();
    if (expected != null) {
      String found = FileHash.of(part, file.algorithm());
      if (!found.equals(expected.toLowerCase(Locale.ROOT))) {
        discard();
        throw new DownloadException(
            ("What %s gave is not the file that Keras publishes: its %s is %s, expected %s."
                    + " Nothing was put into the cache. Try again later, or put the right file at"
                    + " %s.")
                .formatted(address, file.algorithm(), found, expected, target),
            null);
      }
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(version);
  }

  private void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(version);
  }

  private long size() throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  private static void pause(Duration time) throws InterruptedIOException {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException)
          new InterruptedIOException("The download was interrupted.").initCause(e);
    }
  }

  private DownloadException failed(IOException cause) {
    String reason =
        cause instanceof HttpTimeoutException
            ? "no answer within %d s".formatted(Math.max(1, patience.toSeconds()))
            : Objects.requireNonNullElse(cause.getMessage(), "no connection");
    return new DownloadException(
        "%s is not in the cache, and downloading it failed: %s. Get %s and put it at %s."
            .formatted(file.name(), reason, address, target),
        cause);
  }
}
