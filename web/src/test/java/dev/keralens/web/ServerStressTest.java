package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Eight clients at once, some of which go away in the middle. {@code -Dkeralens.page.explanations}
 * says how many explanations they ask for in all; 2000 is a whole run.
 */
class ServerStressTest {
  private static final int CLIENTS = 8;
  private static final int ALL = Integer.getInteger("keralens.page.explanations", 80);
  private static final List<String> METHODS =
      List.of("gradcam", "gradcampp", "gradients", "integrated_gradients", "layercam", "rise");

  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();

  @Test
  void clients_askAndGo() throws Exception {
    List<Throwable> failures = new ArrayList<>();
    try (PageServer server =
        PageServer.start(
            ShapesModel.open(),
            (name, content) -> {
              throw new java.io.IOException("no models");
            },
            PageOptions.defaults().withLimits(4 << 20, 64),
            e -> {
              e.printStackTrace();
              failures.add(e);
            })) {
      ask(server, ALL / 4);
      long warm = used();
      told("after " + ALL / 4, warm);
      ask(server, ALL);
      told("after " + ALL + " more", used());
      assertEquals(List.of(), failures);
      assertEquals(List.of(), List.copyOf(wrong));
      assertTrue(done.get() > ALL / 4 && left.get() > 0, done + " done, " + left + " left");
      assertTrue(used() - warm < 64 << 20, "from %d to %d".formatted(warm, used()));
    }
  }

  /** What a long run says of its memory. */
  private static void told(String when, long heap) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (ALL >= 1000 && Files.exists(status)) {
      String resident =
          Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("VmRSS"))
              .findFirst()
              .orElse("");
      System.out.printf(
          "%s: heap %.1f MB, process %s%n", when, heap / 1e6, resident.replaceAll("\\s+", " "));
    }
  }

  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private void ask(PageServer server, int count) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int c = 0; c < CLIENTS; c++) {
        int seed = c;
        all.add(
            clients.submit(
                () -> {
                  client(server, new Random(seed), count / CLIENTS);
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      clients.shutdownNow();
    }
  }

  private void client(PageServer server, Random random, int count) throws Exception {
    HttpClient client = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    String base = "http://127.0.0.1:" + server.port();
    client.send(
        HttpRequest.newBuilder(URI.create(server.url())).build(),
        HttpResponse.BodyHandlers.discarding());
    String item = "";
    for (int i = 0; i < count; i++) {
      if (i % 5 == 0) {
        String answer =
            client
                .send(
                    post(base + "/api/items?name=a.png", ShapesModel.scene(random.nextInt(12))),
                    HttpResponse.BodyHandlers.ofString())
                .body();
        item = answer.replaceAll("(?s).*\"id\":\"(p\\d+)\".*", "$1");
      }
      String method = METHODS.get(random.nextInt(METHODS.size()));
      String settings = method.equals("rise") ? ",\"settings\":{\"samples\":\"100\"}" : "";
      String question =
          "{\"item\":\"%s\",\"method\":\"%s\"%s,\"units\":[%d]}"
              .formatted(item, method, settings, random.nextInt(8));
      HttpResponse<InputStream> response =
          client.send(
              post(base + "/api/explain", question.getBytes(StandardCharsets.UTF_8)),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        if (random.nextInt(4) == 0) {
          left.incrementAndGet();
          Thread.sleep(random.nextInt(20));
          continue; // closes the connection in the middle
        }
        String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        boolean documented =
            response.statusCode() == 429
                || response.statusCode() == 404
                || text.contains("not held any more");
        if (text.contains("\"maps\"")) {
          done.incrementAndGet();
        } else if (!documented) {
          wrong.add(response.statusCode() + " " + text.substring(0, Math.min(300, text.length())));
        }
      }
    }
  }

  private static HttpRequest post(String url, byte[] body) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("X-Keralens", "page")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
        .build();
  }
}
