package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.ExportOptions;
import dev.keralens.Units;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.ElementType;
import dev.keralens.text.Printable;
import dev.keralens.web.http.Refusal;
import dev.keralens.web.http.Reply;
import dev.keralens.web.http.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the page asks, and the answers. */
final class Api {
  private static final long MOST_QUESTION = 1 << 20;
  private static final int MOST_UNITS = 64;
  private static final int BEAT = 120;
  private static final Pattern ITEM = Pattern.compile("/api/items/(p\\d{1,9})(/picture|/values)?");
  private static final Pattern SAMPLE = Pattern.compile("/api/gallery/(\\d{1,6})(/thumb)?");

  private final PageOptions options;
  private final PageServer.Opener opener;
  private final Items items;
  private final Jobs jobs;
  private final Workplace place;
  private final Gallery gallery;
  private final Consumer<Throwable> log;

  Api(
      PageOptions options,
      PageServer.Opener opener,
      Items items,
      Jobs jobs,
      Workplace place,
      Gallery gallery,
      Consumer<Throwable> log) {
    this.options = options;
    this.opener = opener;
    this.items = items;
    this.jobs = jobs;
    this.place = place;
    this.gallery = gallery;
    this.log = log;
  }

  /** Answers a request of somebody who may ask. */
  Reply answer(Request request) throws IOException {
    return switch (request.method()) {
      case "GET" -> get(request);
      case "POST" -> post(request);
      default -> throw new Refusal(405, "This is not done here.");
    };
  }

  private Reply get(Request request) throws IOException {
    String path = request.path();
    Matcher item = ITEM.matcher(path);
    if (item.matches()) {
      return item(item.group(1), item.group(2));
    }
    Matcher sample = SAMPLE.matcher(path);
    if (sample.matches() && sample.group(2) != null) {
      return Reply.bytes("image/png", gallery.thumb(Integer.parseInt(sample.group(1))));
    }
    return switch (path) {
      case "/" -> asset("index.html");
      case "/favicon.ico" -> asset("icon.svg");
      case "/api/model" -> Reply.json(place.described());
      case "/api/methods" -> Reply.json(place.methods());
      case "/api/items" -> Reply.json(listed());
      case "/api/gallery" -> Reply.json(gallery.listed());
      default -> asset(path.substring(1));
    };
  }

  private static Reply asset(String name) throws IOException {
    return Reply.bytes(Assets.type(name), Assets.read(name));
  }

  private ArrayNode listed() {
    ArrayNode all = Describe.JSON.createArrayNode();
    for (Items.Item item : items.all()) {
      all.addObject()
          .put("id", item.id())
          .put("name", item.name())
          .put("label", item.label())
          .put("of", item.of());
    }
    return all;
  }

  private Reply item(String id, @Nullable String part) throws IOException {
    Bench bench = place.bench();
    Items.Ready ready = items.ready(id, bench.model(), options.mostPixels());
    if (part == null) {
      return Reply.json(described(bench, items.get(id), ready));
    } else if (part.equals("/picture")) {
      if (ready.shown() == null) {
        throw new Refusal(404, "This is no picture.");
      }
      return Reply.bytes("image/png", ready.png());
    }
    return Reply.bytes(
        "application/octet-stream", Frames.bytes(ready.x().to(ElementType.FLOAT32).toFloatArray()));
  }

  private ObjectNode described(Bench bench, Items.Item item, Items.Ready ready) {
    return Describe.item(bench, item, ready, bench.scores(ready.x()));
  }

  private Reply post(Request request) throws IOException {
    String path = request.path();
    Matcher sample = SAMPLE.matcher(path);
    if (sample.matches() && sample.group(2) == null) {
      return added(gallery.item(Integer.parseInt(sample.group(1))));
    }
    return switch (path) {
      case "/api/items" -> upload(request);
      case "/api/explain" -> explain(question(request));
      case "/api/curves" -> curves(question(request));
      case "/api/erase" -> erase(question(request));
      case "/api/report" -> report(question(request));
      case "/api/export" -> export(question(request));
      case "/api/model" -> model(request);
      default -> throw new Refusal(404, "There is no such page.");
    };
  }

  private Reply upload(Request request) throws IOException {
    byte[] content = request.body(options.mostBytes());
    if (content.length == 0) {
      throw new Refusal(400, "The file is empty.");
    }
    return added(items.add(name(request), "", content, ""));
  }

  /** A name that a file was given elsewhere: no folder, and no longer than can be read. */
  static String name(Request request) {
    String given = request.query("name").replaceAll(".*[/\\\\]", "").strip();
    String shown = Printable.name(given.isEmpty() ? "picture" : given);
    return shown.length() > 120 ? shown.substring(0, 120) : shown;
  }

  private Reply added(Items.Item item) throws IOException {
    try {
      Bench bench = place.bench();
      Items.Ready ready = items.ready(item.id(), bench.model(), options.mostPixels());
      return Reply.json(described(bench, item, ready));
    } catch (IOException | RuntimeException e) {
      items.remove(item.id());
      throw e;
    }
  }

  static JsonNode question(Request request) throws IOException {
    try {
      JsonNode node = Describe.JSON.readTree(request.body(MOST_QUESTION));
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      // Said below.
    }
    throw new Refusal(400, "The question is no JSON object.");
  }

  /** What is asked of a method. */
  static Bench.Question asked(JsonNode node) {
    Map<String, String> settings = new LinkedHashMap<>();
    node.path("settings")
        .properties()
        .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText()));
    List<String> layers = new ArrayList<>();
    node.path("layers").forEach(layer -> layers.add(layer.asText()));
    if (layers.size() > 16) {
      throw new IllegalArgumentException("At most 16 layers are explained at once.");
    }
    return new Bench.Question(node.path("method").asText(), settings, layers);
  }

  /** Which units are asked for. */
  static Units units(JsonNode node, Bench bench) {
    JsonNode given = node.path("units");
    if (given.isEmpty()) {
      int top = Math.max(1, Math.min(MOST_UNITS, node.path("top").asInt(1)));
      return Units.top(Math.min(top, bench.explained().units()));
    } else if (given.size() > MOST_UNITS) {
      throw new IllegalArgumentException(
          "At most %d classes are explained at once.".formatted(MOST_UNITS));
    }
    int[] units = new int[given.size()];
    for (int i = 0; i < units.length; i++) {
      units[i] = given.get(i).asInt(-1);
    }
    return Units.of(units);
  }

  private Reply explain(JsonNode node) throws IOException {
    String id = node.path("item").asText();
    items.get(id);
    Bench.Question asked = asked(node);
    return stream(
        () -> {
          Bench bench = place.bench();
          Items.Ready ready = items.ready(id, bench.model(), options.mostPixels());
          long began = System.nanoTime();
          List<Explanation> maps = bench.explain(asked, ready.x(), units(node, bench));
          ObjectNode head = Describe.maps(bench, asked, maps);
          head.put("millis", (System.nanoTime() - began) / 1e6);
          return new Answer(head, Describe.numbers(maps));
        });
  }

  private Reply curves(JsonNode node) throws IOException {
    String id = node.path("item").asText();
    items.get(id);
    Bench.Question asked = asked(node);
    int unit = node.path("units").path(0).asInt(0);
    return stream(
        () -> {
          Bench bench = place.bench();
          Items.Ready ready = items.ready(id, bench.model(), options.mostPixels());
          return new Answer(Curves.of(bench, asked, ready.x(), unit), new byte[0]);
        });
  }

  private Reply erase(JsonNode node) throws IOException {
    Items.Item item = items.get(node.path("item").asText());
    PageModel.Read read =
        place.bench().model().read(item.content(), item.name(), options.mostPixels());
    Picture picture = read.picture();
    if (picture == null) {
      throw new Refusal(422, "This is no picture.");
    }
    Picture erased = Erasing.erased(picture, node.path("spots"), node.path("filling").asText());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    erased.write(out, "png");
    String name = item.name().endsWith(", changed") ? item.name() : item.name() + ", changed";
    return added(items.add(name, item.label(), out.toByteArray(), item.id()));
  }

  private Reply report(JsonNode node) throws IOException {
    Items.Item item = items.get(node.path("item").asText());
    return stream(
        () -> {
          Bench bench = place.bench();
          Items.Ready ready = items.ready(item.id(), bench.model(), options.mostPixels());
          return new Answer(
              Describe.object().put("type", "text/html"), PageReport.of(bench, item, ready, node));
        });
  }

  private Reply export(JsonNode node) throws IOException {
    Bench.Question asked = PageReport.questions(node).get(0);
    int units = Math.max(1, Math.min(8, node.path("units").size()));
    return stream(
        () -> {
          Path folder = Files.createTempDirectory("keralens");
          Path file = folder.resolve("explainer.onnx");
          try (Explainer explainer = place.bench().finished(asked)) {
            explainer.export(file, ExportOptions.defaults().withHighestUnits(units));
            return new Answer(Describe.object().put("type", "onnx"), Files.readAllBytes(file));
          } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
          }
        });
  }

  private Reply model(Request request) throws IOException {
    byte[] content = request.body(options.mostModelBytes());
    String name = name(request);
    Jobs.Job<String> job =
        jobs.add(
            () -> {
              place.change(opener.open(name, content));
              gallery.restart();
              return name;
            });
    try {
      while (!job.await(1000)) {
        // It is read as fast as it can be.
      }
      return Reply.json(Describe.object().put("name", job.get()));
    } catch (InterruptedException e) {
      jobs.cancel(job);
      throw new InterruptedIOException();
    } catch (Exception e) {
      throw e instanceof IOException && !(e instanceof Refusal)
          ? new Refusal(422, Told.text(Printable.reason(e)))
          : Told.of(e, log);
    }
  }

  /** The end of an answer that comes in pieces. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(ObjectNode head, byte[] data) {}

  /**
   * Does long work on the queue, and says meanwhile how far it has come. Where nobody listens any
   * more, the work is given up.
   */
  Reply stream(Callable<Answer> work) throws IOException {
    Jobs.Job<Answer> job = jobs.add(work);
    return Reply.stream(
        Frames.TYPE,
        out -> {
          try {
            while (!job.await(BEAT)) {
              Frames.write(out, progress(job), new byte[0]);
            }
          } catch (IOException e) {
            jobs.cancel(job);
            throw e;
          } catch (InterruptedException e) {
            jobs.cancel(job);
            throw new InterruptedIOException();
          }
          finish(job, out);
        });
  }

  private ObjectNode progress(Jobs.Job<?> job) {
    Jobs.Progress progress = jobs.progress(job);
    return Describe.object()
        .put("waiting", progress.waiting())
        .put("done", progress.done())
        .put("total", progress.total());
  }

  @SuppressWarnings("InterruptedExceptionSwallowed") // the job is over: nothing waits here
  private void finish(Jobs.Job<Answer> job, OutputStream out) throws IOException {
    Answer answer;
    try {
      answer = job.get();
    } catch (Exception e) {
      Refusal said = Told.of(e, log);
      ObjectNode error =
          Describe.object().put("error", said.getMessage()).put("status", said.status());
      answer = new Answer(error, new byte[0]);
    }
    Frames.write(out, answer.head(), answer.data());
  }
}
