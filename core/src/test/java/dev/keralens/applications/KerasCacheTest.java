package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a server on this machine, which behaves well or badly. */
class KerasCacheTest {
  private static final byte[] CONTENT = new byte[300_000];

  static {
    new Random(7).nextBytes(CONTENT);
  }

  /** Answers the n-th request, counted from 0. */
  private interface Answer {
    void to(HttpExchange exchange, int number) throws IOException;
  }

  @TempDir Path folder;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private Answer answer;

  @BeforeEach
  void start() throws IOException {
    answer = (exchange, number) -> whole(exchange);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          int number;
          synchronized (ranges) {
            number = ranges.size();
            ranges.add(
                Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), ""));
          }
          try (exchange) {
            answer.to(exchange, number);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void file_isDownloadedOnceAndThenUsedOffline() throws IOException {
    List<Long> heard = new ArrayList<>();
    KerasCache cache = cache().listener((file, done, total) -> heard.add(done * 10 / total));
    Path path = cache.get(file());
    assertArrayEquals(CONTENT, Files.readAllBytes(path));
    assertEquals(folder.resolve("models/net.h5"), path);
    assertEquals(0L, heard.get(0));
    assertEquals(10L, heard.get(heard.size() - 1));
    server.stop(0);
    assertEquals(path, cache.get(file()));
    assertEquals(1, ranges.size());
    assertEquals(List.of(".locks", "net.h5"), names());
  }

  @Test
  void address_keepsItsPathAtAnotherServer() throws IOException {
    List<String> paths = new ArrayList<>();
    answer =
        (exchange, number) -> {
          paths.add(exchange.getRequestURI().getPath());
          whole(exchange);
        };
    cache().get(file());
    assertEquals(List.of("/mirror/tensorflow/keras-applications/net/net.h5"), paths);
  }

  @Test
  void connectionBreaksOff_restIsFetched() throws IOException {
    answer =
        (exchange, number) -> {
          if (number == 0) {
            broken(exchange, 100_000);
          } else {
            rest(exchange);
          }
        };
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
    assertEquals(2, ranges.size());
    assertTrue(ranges.get(1).matches("bytes=[1-9][0-9]*-"), ranges.get(1));
  }

  @Test
  void connectionBreaksOffAgainAndAgain_fileIsThereInTheEnd() throws IOException {
    answer =
        (exchange, number) -> {
          if (number < 8) {
            brokenRest(exchange, 30_000);
          } else {
            rest(exchange);
          }
        };
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
  }

  @Test
  void earlierRunBrokeOff_restIsFetched() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models/net.h5.part"), Arrays.copyOf(CONTENT, 200_000));
    answer = (exchange, number) -> rest(exchange);
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
    assertEquals(List.of("bytes=200000-"), ranges);
  }

  @Test
  void earlierRunBrokeOffAndServerKnowsNoRanges_wholeIsFetched() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models/net.h5.part"), new byte[200_000]);
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
  }

  @Test
  void partWithoutHashAndVersion_isNotTrusted() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models/net.h5.part"), new byte[200_000]);
    PublishedFile unhashed = new PublishedFile(file().address(), "net.h5", null);
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(unhashed)));
    assertEquals(List.of(""), ranges);
  }

  @Test
  void partIsLongerThanTheFile_wholeIsFetched() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.write(folder.resolve("models/net.h5.part"), new byte[400_000]);
    answer =
        (exchange, number) -> {
          if (number == 0) {
            exchange.sendResponseHeaders(416, -1);
          } else {
            whole(exchange);
          }
        };
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
  }

  @Test
  void serverSendsNothingMore_givesUpAfterTheLimit() {
    answer =
        (exchange, number) -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().flush();
          waitForTheEnd();
        };
    KerasCache impatient = cache().patience(Duration.ofMillis(200));
    String message = failure(impatient);
    assertTrue(message.contains("no answer within"), message);
  }

  @Test
  void serverNeverAnswers_givesUpAfterTheLimit() {
    answer = (exchange, number) -> waitForTheEnd();
    String message = failure(cache().patience(Duration.ofMillis(200)));
    assertTrue(message.contains("no answer within"), message);
  }

  @Test
  void serverIsSlow_isWaitedFor() throws IOException {
    answer =
        (exchange, number) -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          OutputStream body = exchange.getResponseBody();
          for (int i = 0; i < 10; i++) {
            body.write(CONTENT, i * 30_000, 30_000);
            body.flush();
            pause(100);
          }
        };
    KerasCache cache = cache().patience(Duration.ofMillis(700));
    assertArrayEquals(CONTENT, Files.readAllBytes(cache.get(file())));
    assertEquals(1, ranges.size());
  }

  @Test
  void hashIsWrong_nothingComesIntoTheCache() throws IOException {
    answer = (exchange, number) -> send(exchange, 200, new byte[1000]);
    String message = failure(cache());
    assertTrue(message.contains("its MD5 is ede3d3b685b4e137ba4cb2521329a75e"), message);
    assertTrue(message.contains(Objects.requireNonNull(file().hash())), message);
    assertTrue(message.contains(folder.resolve("models/net.h5").toString()), message);
    assertEquals(List.of(".locks"), names());
  }

  @Test
  void fileInTheCacheIsAnother_isLeftAsItIs() throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Path own = Files.write(folder.resolve("models/net.h5"), new byte[] {1, 2, 3});
    String message = failure(cache());
    assertTrue(message.contains("It is left as it is; move or delete it"), message);
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(own));
    assertEquals(0, ranges.size());
  }

  @Test
  void longHash_isSha256() throws IOException {
    String sha = "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0";
    answer = (exchange, number) -> send(exchange, 200, "aaa".getBytes(StandardCharsets.US_ASCII));
    PublishedFile file = new PublishedFile(file().address(), "net.h5", sha);
    assertEquals(3, Files.size(cache().get(file)));
  }

  @Test
  void fileIsNotThere_saysAddressAndPlace() {
    answer = (exchange, number) -> exchange.sendResponseHeaders(404, -1);
    String message = failure(cache());
    assertTrue(message.contains("status 404"), message);
    assertTrue(message.contains("/mirror/tensorflow/keras-applications/net/net.h5"), message);
    assertTrue(message.contains(folder.resolve("models/net.h5").toString()), message);
    assertEquals(1, ranges.size(), "a missing file is not asked for again");
  }

  @Test
  void serverIsBusy_isAskedAgain() throws IOException {
    answer =
        (exchange, number) -> {
          if (number < 2) {
            exchange.sendResponseHeaders(503, -1);
          } else {
            whole(exchange);
          }
        };
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
  }

  @Test
  void serverRedirects_isFollowed() throws IOException {
    answer =
        (exchange, number) -> {
          if (exchange.getRequestURI().getPath().startsWith("/mirror")) {
            exchange.getResponseHeaders().set("Location", "/elsewhere/net.h5");
            exchange.sendResponseHeaders(302, -1);
          } else {
            whole(exchange);
          }
        };
    assertArrayEquals(CONTENT, Files.readAllBytes(cache().get(file())));
  }

  @Test
  void noServer_saysAddressAndPlaceInOneLine() {
    URI nowhere = URI.create("http://localhost:" + server.getAddress().getPort() + "/");
    server.stop(0);
    String message = failure(cache().mirror(nowhere));
    assertTrue(message.contains(nowhere + "tensorflow/keras-applications/net/net.h5"), message);
    assertTrue(message.contains(folder.resolve("models/net.h5").toString()), message);
    assertFalse(message.contains("\n"), message);
    assertFalse(message.contains("null"), message);
  }

  @Test
  void proxyOfTheJvm_isUsed() throws IOException {
    ProxySelector before = ProxySelector.getDefault();
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            return List.of(new Proxy(Proxy.Type.HTTP, server.getAddress()));
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
    try {
      Path path = cache().mirror(URI.create("http://keralens.invalid/")).get(file());
      assertArrayEquals(CONTENT, Files.readAllBytes(path));
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  @Test
  void threadsAskAtOnce_oneDownloads() throws Exception {
    answer =
        (exchange, number) -> {
          pause(200);
          whole(exchange);
        };
    List<Callable<Path>> tasks = Collections.nCopies(4, () -> cache().get(file()));
    for (Future<Path> task : threads.invokeAll(tasks)) {
      assertArrayEquals(CONTENT, Files.readAllBytes(task.get()));
    }
    assertEquals(1, ranges.size());
  }

  @Test
  void processesAskAtOnce_oneDownloads() throws Exception {
    answer =
        (exchange, number) -> {
          pause(1500);
          whole(exchange);
        };
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Asking.class.getName(),
                  folder.resolve("models").toString(),
                  base().toString())
              .redirectErrorStream(true)
              .start());
    }
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), output);
    }
    assertArrayEquals(CONTENT, Files.readAllBytes(folder.resolve("models/net.h5")));
    assertEquals(1, ranges.size());
  }

  /** Another process that asks for the file. */
  static final class Asking {
    private Asking() {}

    public static void main(String[] arguments) throws IOException {
      KerasCache.in(Path.of(arguments[0])).mirror(URI.create(arguments[1])).get(file());
    }
  }

  private static PublishedFile file() {
    return new PublishedFile(
        "https://storage.googleapis.com/tensorflow/keras-applications/net/net.h5",
        "net.h5",
        "ec1c5b04db110d72801227c850c0b4e1");
  }

  private URI base() {
    return URI.create("http://localhost:" + server.getAddress().getPort() + "/mirror");
  }

  private KerasCache cache() {
    return KerasCache.in(folder.resolve("models")).mirror(base()).pause(Duration.ofMillis(10));
  }

  private static String failure(KerasCache cache) {
    DownloadException e = assertThrows(DownloadException.class, () -> cache.get(file()));
    return String.valueOf(e.getMessage());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder.resolve("models"))) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static void whole(HttpExchange exchange) throws IOException {
    send(exchange, 200, CONTENT);
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
  }

  private static void rest(HttpExchange exchange) throws IOException {
    int from = from(exchange);
    send(exchange, from == 0 ? 200 : 206, Arrays.copyOfRange(CONTENT, from, CONTENT.length));
  }

  private static void broken(HttpExchange exchange, int count) throws IOException {
    exchange.sendResponseHeaders(200, CONTENT.length);
    exchange.getResponseBody().write(CONTENT, 0, count);
    exchange.getResponseBody().flush();
    pause(100);
  }

  private static void brokenRest(HttpExchange exchange, int count) throws IOException {
    int from = from(exchange);
    exchange.sendResponseHeaders(from == 0 ? 200 : 206, CONTENT.length - from);
    exchange.getResponseBody().write(CONTENT, from, Math.min(count, CONTENT.length - from));
    exchange.getResponseBody().flush();
    pause(50);
  }

  private static void pause(int milliseconds) throws IOException {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void waitForTheEnd() throws IOException {
    try {
      end.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
