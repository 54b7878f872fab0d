package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.Model;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
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
      // Where this process ignores interrupts, as in a shell's background, those that it starts do.
      List<String> heeding = List.of("env", "--default-signal=INT");
      if (runs(heeding, "true")) {
        command.addAll(0, heeding);
      }
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      String url = out.readLine();
      HttpClient client = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
      Server server = new Server(process, String.valueOf(url), client);
      assertEquals(200, server.send(HttpRequest.newBuilder(URI.create(server.url))).statusCode());
      return server;
    }

    private static boolean runs(List<String> before, String program) throws InterruptedException {
      List<String> command = new ArrayList<>(before);
      command.add(program);
      try {
        return new ProcessBuilder(command).start().waitFor() == 0;
      } catch (IOException e) {
        return false;
      }
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
  void interrupt_endsAtOnceWhateverRuns() throws Exception {
    Server server = Server.start();
    try {
      String id = server.post("/api/gallery/0", new byte[0]).path("id").asText();
      String asked =
          "{\"item\":\"%s\",\"method\":\"rise\",\"settings\":{\"samples\":\"100000\"},\"units\":[0]}";
      server
          .client
          .sendAsync(
              HttpRequest.newBuilder(URI.create(server.url()).resolve("/api/explain"))
                  .header("X-Keralens", "page")
                  .POST(HttpRequest.BodyPublishers.ofString(asked.formatted(id)))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream())
          .get(30, TimeUnit.SECONDS);
      new ProcessBuilder("kill", "-INT", String.valueOf(server.process().pid())).start().waitFor();
      assertTrue(server.process().waitFor(10, TimeUnit.SECONDS), "it ends");
      assertEquals(130, server.process().exitValue());
    } finally {
      server.close();
    }
  }

  @Test
  void text_isSplitByTheModelsTokenizer() throws Exception {
    Path bert = Cli.CORE.resolve("golden/hubtext/bert_sentence/model.keras");
    try (Server server = Server.start("--model", bert, "--text", "a film")) {
      JsonNode model = server.get("/api/model");
      assertEquals("words", model.path("kind").asText());
      JsonNode first = server.post("/api/gallery/0", new byte[0]);
      assertEquals("a film", first.path("text").asText());
      JsonNode item =
          server.post(
              "/api/items?name=t",
              "The ACTORS was actingly good, but not!".getBytes(StandardCharsets.UTF_8));
      JsonNode top = item.path("top").path(0);
      assertEquals(2, top.path("unit").asInt());
      assertEquals(0.8204, top.path("output").asDouble(), 5e-5); // as KerasHub says
      StringBuilder words = new StringBuilder();
      item.path("words").forEach(word -> words.append(word.asText()));
      assertTrue(words.toString().startsWith(" the actors was"), words::toString);
      assertEquals(item.path("places").path(0).asInt(), item.path("words").size());
      JsonNode shorter = server.post("/api/items?name=t", "good".getBytes(StandardCharsets.UTF_8));
      assertEquals("good", shorter.path("text").asText());
    }
  }

  @Test
  void inputs_getAFileEachByTheirNames() throws Exception {
    Path two = folder.resolve("two.onnx");
    ModelBuilder b = ModelBuilder.create("two");
    SymbolicTensor picture = b.input(8, 8, 3);
    SymbolicTensor row = b.input(5);
    SymbolicTensor seen = b.conv2d(4, 3).activation("relu").apply(picture);
    SymbolicTensor both =
        b.concatenate().apply(b.globalAveragePooling2d().apply(seen), b.dense(4).apply(row));
    try (Model model = Model.of(b.build(b.dense(3).activation("softmax").apply(both)), 7)) {
      model.export(two);
    }
    try (Server server = Server.start("--model", two)) {
      JsonNode model = server.get("/api/model");
      List<String> names = new ArrayList<>();
      model.path("parts").forEach(part -> names.add(part.asText()));
      assertEquals(2, names.size());
      String photo = part(server, Tensor.of(new float[8 * 8 * 3], 1, 8, 8, 3));
      String facts = part(server, Tensor.of(new float[] {1, -2, 3, 0, 2}, 1, 5));
      String lacking = "{\"parts\":{\"%s\":\"%s\"}}".formatted(names.get(0), photo);
      assertTrue(
          server
              .post("/api/sets", lacking.getBytes(StandardCharsets.UTF_8))
              .path("error")
              .asText()
              .contains("'" + names.get(1) + "'"));
      String all =
          "{\"parts\":{\"%s\":\"%s\",\"%s\":\"%s\"}}"
              .formatted(names.get(0), photo, names.get(1), facts);
      JsonNode item = server.post("/api/sets", all.getBytes(StandardCharsets.UTF_8));
      assertTrue(item.path("top").size() > 0, item::toString);
      server.post(
          "/api/explained",
          "{\"input\":\"%s\"}".formatted(names.get(1)).getBytes(StandardCharsets.UTF_8));
      assertEquals("table", server.get("/api/model").path("kind").asText());
      JsonNode same = server.get("/api/items/" + item.path("id").asText());
      assertEquals(item.path("top"), same.path("top"));
    }
  }

  private String part(Server server, Tensor x) throws Exception {
    Path file = folder.resolve("part.npy");
    Npy.write(file, x);
    return server.post("/api/parts?name=part.npy", Files.readAllBytes(file)).path("id").asText();
  }

  @Test
  void exportedExplainer_isServedAsItsModel() throws Exception {
    Path file = folder.resolve("explainer.onnx");
    Cli.done(
        "export",
        "--model",
        SHAPES.resolve("shapes.keras"),
        "--classes",
        SHAPES.resolve("classes.json"),
        "--method",
        "gradcam",
        "-o",
        file);
    try (Server server = Server.start("--model", file, "--images", SHAPES.resolve("samples"))) {
      assertEquals("arrow", server.get("/api/model").path("names").path(0).asText());
      JsonNode item = server.post("/api/gallery/0", new byte[0]);
      assertTrue(item.path("top").path(0).path("output").asDouble() > 0.9, item::toString);
    }
  }

  @Test
  void options_thatMakeNoSense() {
    Cli.fails(2, List.of("--model"), "serve", "--text", "a film");
    Cli.fails(
        2, List.of("--vocabulary"), "serve", "-m", SHAPES.resolve("shapes.keras"), "--text", "a");
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
