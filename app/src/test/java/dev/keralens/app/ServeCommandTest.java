package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  private static final Path SHAPES = Path.of("../models/shapes");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** A server in a process of its own, as a user starts it. */
  private record Server(Process process, String url, HttpClient client) implements AutoCloseable {
    static Server start(Object... arguments) throws IOException, InterruptedException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx1g",
                  "-XX:TieredStopAtLevel=1",
                  "-Djava.awt.headless=true",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "dev.keralens.app.Main",
                  "serve",
                  "--no-browser"));
      Stream.of(arguments).map(String::valueOf).forEach(command::add);
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String url = out.readLine();
      HttpClient client = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
      Server server = new Server(process, String.valueOf(url), client);
      assertEquals(200, server.send(HttpRequest.newBuilder(URI.create(server.url))).statusCode());
      return server;
    }

    HttpResponse<String> send(HttpRequest.Builder request)
        throws IOException, InterruptedException {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
      return JSON.readTree(send(HttpRequest.newBuilder(URI.create(url).resolve(path))).body());
    }

    JsonNode post(String path, byte[] body) throws IOException, InterruptedException {
      return JSON.readTree(
          send(HttpRequest.newBuilder(URI.create(url).resolve(path))
                  .header("X-Keralens", "page")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body)))
              .body());
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void serve_withoutAModelShowsTheSamplesAndEndsAtOnce() throws Exception {
    Server server = Server.start();
    try {
      assertTrue(server.url().matches("http://127\\.0\\.0\\.1:\\d+/\\?token=[0-9a-f]{48}"));
      assertEquals("shapes.keras", server.get("/api/model").path("name").asText());
      assertEquals(12, server.get("/api/gallery").path("pictures").size());
      JsonNode item = server.post("/api/gallery/0", new byte[0]);
      assertEquals("scene-000.png", item.path("name").asText());
      assertTrue(item.path("top").path(0).path("output").asDouble() > 0.9, item::toString);
    } finally {
      long began = System.nanoTime();
      server.close();
      assertTrue(System.nanoTime() - began < 5e9, "it ends at once");
    }
    assertEquals(143, server.process().exitValue());
  }

  @Test
  void serve_readsPicturesAsExplainDoes() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos/heart"));
    Files.copy(SHAPES.resolve("samples/scene-000.png"), photos.resolve("a.png"));
    try (Server server =
        Server.start(
            "--model",
            SHAPES.resolve("shapes.keras"),
            "--classes",
            SHAPES.resolve("classes.json"),
            "--images",
            folder.resolve("photos"))) {
      JsonNode model = server.get("/api/model");
      assertEquals(64, model.path("sha256").asText().length());
      assertTrue(model.path("options").asText().contains("--classes"), model::toString);
      JsonNode item = server.post("/api/gallery/0", new byte[0]);
      assertEquals("heart", item.path("label").asText());
      Cli told =
          Cli.done(
              "predict",
              photos.resolve("a.png"),
              "--model",
              SHAPES.resolve("shapes.keras"),
              "--classes",
              SHAPES.resolve("classes.json"),
              "--json",
              folder.resolve("told.json"));
      String json = Files.readString(folder.resolve("told.json"));
      assertTrue(json.contains(item.path("top").path(0).path("name").asText()), told::toString);
      JsonNode other =
          server.post(
              "/api/model?name=other.keras", Files.readAllBytes(SHAPES.resolve("shapes.keras")));
      assertEquals("other.keras", other.path("name").asText());
      assertEquals("unit 0", server.get("/api/model").path("names").path(0).asText());
    }
  }

  @Test
  void options_thatMakeNoSense() {
    Cli.fails(2, List.of("--port"), "serve", "--port", "70000");
    Cli.fails(2, List.of("--images"), "serve", "--images", folder.resolve("none"));
    Cli.fails(2, List.of("--host"), "serve", "--host", "no such host");
  }

  @Test
  void report_isOneFileOfLessThan3Megabytes() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("twenty"));
    List<Path> scenes;
    try (Stream<Path> files = Files.list(SHAPES.resolve("samples"))) {
      scenes = files.filter(f -> f.toString().matches(".*scene-\\d+\\.png")).sorted().toList();
    }
    for (int i = 0; i < 20; i++) {
      Files.copy(scenes.get(i % scenes.size()), photos.resolve("p%02d.png".formatted(i)));
    }
    Path report = folder.resolve("report.html");
    Cli run =
        Cli.done(
            "explain",
            photos,
            "--model",
            SHAPES.resolve("shapes.keras"),
            "--classes",
            SHAPES.resolve("classes.json"),
            "--method",
            "gradcam,layercam,gradients,integrated_gradients",
            "--top",
            "2",
            "-o",
            report);
    assertTrue(run.err().stream().anyMatch(line -> line.contains("20 images")), run::toString);
    long size = Files.size(report);
    assertTrue(size < 3_000_000 && size > 100_000, "bytes: " + size);
    String html = Files.readString(report);
    String data = html.replaceAll("(?s).*id=\"data\">(.*?)</script>.*", "$1");
    JsonNode told = JSON.readTree(data);
    assertEquals(20, told.path("pictures").size());
    assertEquals(8, told.path("pictures").path(0).path("maps").size());
    JsonNode about = told.path("about");
    assertEquals(64, about.path("sha256").asText().length());
    assertTrue(about.path("command").asText().startsWith("keralens explain "), about::toString);
    assertEquals("positive_normalize", about.path("columns").path(0).path("filter").asText());
    assertFalse(html.matches("(?s).*(src|href)=\"https?:.*"), "nothing from elsewhere");
  }

  @Test
  void report_withAFilterKeepsIt() throws Exception {
    Path report = folder.resolve("filtered.html");
    Cli.done(
        "explain",
        SHAPES.resolve("samples/scene-000.png"),
        "--model",
        SHAPES.resolve("shapes.keras"),
        "--filter",
        "absolute",
        "-o",
        report);
    assertTrue(Files.readString(report).contains("\"filter\":\"none\""));
  }
}
