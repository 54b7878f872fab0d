package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium with one page, driven by the DevTools protocol. */
final class Chromium implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers;
  private final List<String> complaints;

  private Chromium(
      Process process,
      Path profile,
      WebSocket socket,
      Map<Integer, CompletableFuture<JsonNode>> answers,
      List<String> complaints) {
    this.process = process;
    this.profile = profile;
    this.socket = socket;
    this.answers = answers;
    this.complaints = complaints;
  }

  /** The program; null where there is none. */
  static @Nullable String program() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
        if (Files.isExecutable(Path.of(folder, name))) {
          return Path.of(folder, name).toString();
        }
      }
    }
    return null;
  }

  /** Starts a browser with an empty page. */
  static Chromium start() throws Exception {
    Path profile = Files.createTempDirectory("keralens-chromium");
    List<String> command =
        new ArrayList<>(
            List.of(
                String.valueOf(program()),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking",
                "--force-color-profile=srgb",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("log").toFile())
            .start();
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
      if (System.nanoTime() > end || !process.isAlive()) {
        process.destroyForcibly();
        throw new IOException(
            "Chromium did not start: " + Files.readString(profile.resolve("log")));
      }
      Thread.sleep(50);
    }
    String port = Files.readAllLines(file).get(0);
    JsonNode pages =
        JSON.readTree(
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                        .build(),
                    HttpResponse.BodyHandlers.ofString())
                .body());
    for (JsonNode page : pages) {
      if (page.path("type").asText().equals("page")) {
        Chromium browser =
            connect(process, profile, URI.create(page.path("webSocketDebuggerUrl").asText()));
        for (String domain : List.of("Page", "Runtime", "DOM", "Log", "Network")) {
          browser.send(domain + ".enable", JSON.createObjectNode());
        }
        return browser;
      }
    }
    process.destroyForcibly();
    throw new IOException("Chromium has no page: " + pages);
  }

  private static Chromium connect(Process process, Path profile, URI uri) {
    Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    List<String> complaints = new CopyOnWriteArrayList<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          private final StringBuilder text = new StringBuilder();

          @Override
          public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
              heard(text.toString(), answers, complaints);
              text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
          }
        };
    WebSocket socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, listener).join();
    return new Chromium(process, profile, socket, answers, complaints);
  }

  private static void heard(
      String text, Map<Integer, CompletableFuture<JsonNode>> answers, List<String> complaints) {
    try {
      JsonNode message = JSON.readTree(text);
      if (message.has("id")) {
        CompletableFuture<JsonNode> waiting = answers.remove(message.path("id").asInt());
        if (waiting != null) {
          waiting.complete(message);
        }
      }
      String method = message.path("method").asText();
      if (method.equals("Runtime.exceptionThrown")) {
        complaints.add(message.path("params").path("exceptionDetails").toString());
      } else if (method.equals("Log.entryAdded")
          && message.path("params").path("entry").path("level").asText().equals("error")) {
        complaints.add(message.path("params").path("entry").toString());
      }
    } catch (IOException e) {
      complaints.add(e.toString());
    }
  }

  /** What the page's console said of errors, also of what its policy forbids. */
  List<String> complaints() {
    return complaints;
  }

  /** Sends a command, and gives its result. */
  JsonNode send(String method, JsonNode parameters)
      throws InterruptedException, ExecutionException, TimeoutException {
    int id = number.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).get(60, TimeUnit.SECONDS);
    JsonNode result = answer.get(120, TimeUnit.SECONDS);
    if (result.has("error")) {
      throw new IllegalStateException(method + ": " + result.get("error"));
    }
    return result.path("result");
  }

  static ObjectNode with() {
    return JSON.createObjectNode();
  }

  /** Opens an address. */
  void open(String url) throws Exception {
    send("Page.navigate", with().put("url", url));
  }

  /** The value of an expression, awaited. */
  JsonNode eval(String expression) throws Exception {
    JsonNode result =
        send(
            "Runtime.evaluate",
            with()
                .put("expression", expression)
                .put("awaitPromise", true)
                .put("returnByValue", true)
                .put("userGesture", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** Waits until an expression is true. */
  void await(String condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (eval("!!(" + condition + ")").asBoolean()) {
          return;
        }
      } catch (IllegalStateException e) {
        // The page is being changed.
      }
      if (System.nanoTime() > end) {
        throw new TimeoutException("never true: " + condition + "; the page says " + complaints);
      }
      Thread.sleep(15);
    }
  }

  /** Clicks on the first element that a selector finds, as a person would. */
  void click(String selector) throws Exception {
    JsonNode at =
        eval(
            "(() => { const e = document.querySelector("
                + JSON.writeValueAsString(selector)
                + "); e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
                + " return [b.left + b.width / 2, b.top + b.height / 2]; })()");
    for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
      mouse(type, at.get(0).asDouble(), at.get(1).asDouble());
    }
  }

  /** Moves or presses the pointer. */
  void mouse(String type, double x, double y) throws Exception {
    send(
        "Input.dispatchMouseEvent",
        with()
            .put("type", type)
            .put("x", x)
            .put("y", y)
            .put("button", type.equals("mouseMoved") ? "none" : "left")
            .put("clickCount", type.equals("mouseMoved") ? 0 : 1));
  }

  /** Presses a key. */
  void key(String key) throws Exception {
    for (String type : List.of("keyDown", "keyUp")) {
      ObjectNode event = with().put("type", type).put("key", key).put("code", key);
      int code =
          Map.of("Tab", 9, "Enter", 13, " ", 32, "ArrowRight", 39, "ArrowLeft", 37)
              .getOrDefault(key, 0);
      event.put("windowsVirtualKeyCode", code);
      if (type.equals("keyDown") && (key.equals("Enter") || key.equals(" "))) {
        event.put("text", key.equals("Enter") ? "\r" : " ");
      }
      send("Input.dispatchKeyEvent", event);
    }
  }

  /** Gives files to a file input, as its dialog would. */
  void pick(String selector, Path... files) throws Exception {
    int root = send("DOM.getDocument", with()).path("root").path("nodeId").asInt();
    int node =
        send("DOM.querySelector", with().put("nodeId", root).put("selector", selector))
            .path("nodeId")
            .asInt();
    ObjectNode parameters = with().put("nodeId", node);
    var list = parameters.putArray("files");
    for (Path file : files) {
      list.add(file.toAbsolutePath().normalize().toString());
    }
    send("DOM.setFileInputFiles", parameters);
  }

  /** Sets the size of the window, and whether the system is dark. */
  void window(int width, int height, double scale, boolean dark) throws Exception {
    send(
        "Emulation.setDeviceMetricsOverride",
        with()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", scale)
            .put("mobile", false));
    ObjectNode media = with();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    send("Emulation.setEmulatedMedia", media);
  }

  /** A picture of the page; of all of it, or of what the window shows. */
  byte[] screenshot(boolean whole) throws Exception {
    JsonNode result =
        send(
            "Page.captureScreenshot",
            with().put("format", "png").put("captureBeyondViewport", whole));
    return Base64.getDecoder().decode(result.path("data").asText());
  }

  @Override
  public void close() {
    try {
      send("Browser.close", with());
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | IllegalStateException e) {
      process.destroyForcibly();
    }
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // It lies in the folder for temporary files.
    }
  }
}
