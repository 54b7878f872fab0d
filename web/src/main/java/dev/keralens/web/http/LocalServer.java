package dev.keralens.web.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server for the browsers of one machine, which answers those only who know its token.
 *
 * <p>Each request that is being read or answered has a thread, of {@link #MOST_THREADS}; what comes
 * above is closed. Whoever sends a request slower than {@link #REQUEST_SECONDS} is closed, too.
 */
public final class LocalServer implements AutoCloseable {
  /** The most requests that are read or answered at once. */
  static final int MOST_THREADS = 320;

  /** Within so many seconds a request has to be there. */
  static final int REQUEST_SECONDS = 20;

  /**
   * So long a connection is kept on which nothing comes: longer than clients keep theirs (Java's
   * twenty minutes, Chromium's five). Whoever closes first must be the client: a request that is
   * sent while the server closes is lost, and clients other than browsers send a POST only once.
   */
  static final int IDLE_SECONDS = 1500;

  private static final int MOST_CONNECTIONS = 512;

  private static final int STACK = 512 << 10;

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cache-Control",
          "no-store",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "X-Frame-Options",
          "DENY");

  static {
    // The JDK's server reads these once. Whoever sets them otherwise has a reason.
    preset("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    preset("sun.net.httpserver.nodelay", true);
    preset("sun.net.httpserver.maxReqHeaders", 100);
    preset("sun.net.httpserver.maxReqHeaderSize", 64 << 10);
    preset("sun.net.httpserver.idleInterval", IDLE_SECONDS);
    preset("sun.net.httpserver.maxIdleConnections", MOST_CONNECTIONS);
    preset("jdk.httpserver.maxConnections", MOST_CONNECTIONS);
  }

  /** What was not read to its end, and whoever may not ask, keeps no connection. */
  private static final Set<Integer> CLOSING = Set.of(403, 413, 421);

  private static void preset(String property, Object value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, String.valueOf(value));
    }
  }

  /** Answers a request. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Answers.
     *
     * @param request the request; who asks may ask
     * @return the answer
     * @throws IOException if it fails; a {@link Refusal} is sent
     */
    Reply answer(Request request) throws IOException;
  }

  /** Says of a failure what may be sent. */
  @FunctionalInterface
  public interface Failures {
    /**
     * {@return what is sent}
     *
     * @param failure what failed
     */
    Refusal refusal(Throwable failure);
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final Guard guard;
  private final InetAddress address;
  private final Handler handler;
  private final Failures failures;

  private LocalServer(HttpServer server, InetAddress address, Handler handler, Failures failures) {
    this.server = server;
    this.address = address;
    this.handler = handler;
    this.failures = failures;
    this.guard = new Guard(address, server.getAddress().getPort());
    AtomicInteger count = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            4,
            MOST_THREADS,
            5,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread =
                  new Thread(null, task, "keralens-page-" + count.incrementAndGet(), STACK);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts a server.
   *
   * @param address what it listens at
   * @param port its port; 0 for one that is free
   * @param handler answers
   * @param failures says of a failure what may be sent
   * @return the server, to be closed by the caller
   * @throws IOException if the port is taken
   */
  public static LocalServer start(InetAddress address, int port, Handler handler, Failures failures)
      throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 256);
    LocalServer local = new LocalServer(server, address, handler, failures);
    server.setExecutor(local.threads);
    server.createContext("/", local::handle);
    server.start();
    return local;
  }

  /** {@return the port} */
  public int port() {
    return server.getAddress().getPort();
  }

  /** {@return the address to open, with the token} */
  public String url() {
    String host = address.isAnyLocalAddress() ? "127.0.0.1" : Guard.literal(address);
    return "http://%s:%d/?token=%s".formatted(host, port(), guard.token());
  }

  /**
   * Answers a request. Where nobody listens any more, the failure is thrown, and nothing closed
   * before: only then the JDK's server forgets the connection, of which it has {@link
   * #MOST_CONNECTIONS}.
   */
  private void handle(HttpExchange exchange) throws IOException {
    send(exchange, reply(new Request(exchange)));
  }

  private Reply reply(Request request) {
    Refusal refusal = guard.refusal(request);
    if (refusal != null) {
      return Reply.refusal(refusal.status(), String.valueOf(refusal.getMessage()));
    }
    if (request.method().equals("GET") && request.path().equals("/")) {
      String token = request.query("token");
      if (guard.isToken(token)) {
        return swapped();
      } else if (!guard.isKnown(request)) {
        return unknown();
      }
    }
    if (!guard.isKnown(request)) {
      return Reply.refusal(403, "Open the address that the terminal shows, with its token.");
    }
    try {
      return handler.answer(request);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      Refusal said = e instanceof Refusal own ? own : failures.refusal(e);
      return Reply.refusal(said.status(), String.valueOf(said.getMessage()));
    }
  }

  /** The token becomes a cookie, and leaves the address and the history. */
  private Reply swapped() {
    return Reply.text(
            200,
            "text/html; charset=utf-8",
            "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=\"0;url=/\">"
                + "<link rel=icon href=\"data:,\"><title>Keralens</title>")
        .with("Set-Cookie", guard.cookieHeader());
  }

  private static Reply unknown() {
    return Reply.text(
        403,
        "text/html; charset=utf-8",
        "<!doctype html><html lang=en><meta charset=utf-8><link rel=icon"
            + " href=\"data:,\"><title>Keralens</title><p>Open the address that the terminal shows:"
            + " it has a token, which keeps others out.</p></html>");
  }

  private void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    HEADERS.forEach(headers::set);
    headers.set("Content-Type", reply.type());
    reply.headers().forEach(headers::set);
    if (reply.body() instanceof Reply.Bytes body) {
      byte[] bytes = body.bytes();
      if (CLOSING.contains(reply.status())) {
        headers.set("Connection", "close");
      }
      exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
      OutputStream out = exchange.getResponseBody();
      out.write(bytes);
      out.close();
    } else if (reply.body() instanceof Reply.Stream stream) {
      exchange.sendResponseHeaders(reply.status(), 0);
      OutputStream out = exchange.getResponseBody();
      try {
        stream.writer().write(out);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      out.close();
    }
  }

  /** {@return how many requests are being answered} */
  int active() {
    return threads.getActiveCount();
  }

  /** Stops at once. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /**
   * {@return what is told of a failure that nobody foresaw}
   *
   * @param message what is sent; null for words of no content
   */
  public static Refusal failed(@Nullable String message) {
    return new Refusal(
        500, message == null ? "The server failed; the terminal says more." : message);
  }
}
