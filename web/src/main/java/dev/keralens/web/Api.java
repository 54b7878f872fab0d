package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.ElementType;
import dev.keralens.text.Printable;
import dev.keralens.web.http.Refusal;
import dev.keralens.web.http.Reply;
import dev.keralens.web.http.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the page asks, and the answers. */
final class Api {
  private static final long MOST_MAP = 20L << 20;
  private static final Pattern ITEM = Pattern.compile("/api/items/(p\\d{1,9})(/picture|/values)?");
  private static final Pattern SAMPLE = Pattern.compile("/api/gallery/(\\d{1,6})(/thumb)?");

  private final PageOptions options;
  private final PageServer.Opener opener;
  private final Items items;
  private final Jobs jobs;
  private final Workplace place;
  private final Gallery gallery;
  private final Consumer<Throwable> log;
  private final Work work;

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
    this.work = new Work(options, items, jobs, place, gallery, log);
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
    return Describe.item(bench, item, ready, bench.scores(ready.inputs()));
  }

  private Reply post(Request request) throws IOException {
    String path = request.path();
    Matcher sample = SAMPLE.matcher(path);
    if (sample.matches() && sample.group(2) == null) {
      return added(gallery.item(Integer.parseInt(sample.group(1))));
    }
    return switch (path) {
      case "/api/items" -> upload(request);
      case "/api/parts" -> part(request);
      case "/api/sets" -> set(Asked.json(request));
      case "/api/explain" -> work.explain(Asked.json(request));
      case "/api/drop" -> drop(request);
      case "/api/curves" -> work.curves(Asked.json(request));
      case "/api/erase" -> erase(Asked.json(request));
      case "/api/randomized" -> work.randomized(Asked.json(request));
      case "/api/report" -> work.report(Asked.json(request));
      case "/api/export" -> work.export(Asked.json(request));
      case "/api/model" -> model(request);
      case "/api/explained" -> explained(Asked.json(request));
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

  /** A file for one of several inputs; it is read once all are there. */
  private Reply part(Request request) throws IOException {
    byte[] content = request.body(options.mostBytes());
    Items.Item item = items.add(name(request), "", content, "");
    return Reply.json(Describe.object().put("id", item.id()).put("name", item.name()));
  }

  /** Files for all inputs together. */
  private Reply set(JsonNode node) throws IOException {
    PageModel model = place.bench().model();
    Map<String, PageModel.Given> parts = new LinkedHashMap<>();
    for (String input : model.parts()) {
      JsonNode id = node.path("parts").path(input);
      if (!id.isTextual()) {
        throw new Refusal(422, "A file for the input '%s' is missing.".formatted(input));
      }
      Items.Item given = items.get(id.asText());
      parts.put(input, new PageModel.Given(given.name(), given.content()));
    }
    if (parts.isEmpty()) {
      throw new Refusal(422, "The model takes one file.");
    }
    String shown = model.parts().get(Math.min(model.explained(), parts.size() - 1));
    PageModel.Given first = parts.getOrDefault(shown, parts.values().iterator().next());
    Reply reply = added(items.add(first.name(), "", new byte[0], parts, ""));
    node.path("parts").forEach(id -> items.remove(id.asText()));
    return reply;
  }

  /** How far the output falls where a map hides the rest; the question and the map are a frame. */
  private Reply drop(Request request) throws IOException {
    Frames.Read asked = Frames.read(request.body(MOST_MAP));
    Bench bench = place.bench();
    String id = asked.head().path("item").asText();
    Items.Ready ready = items.ready(id, bench.model(), options.mostPixels());
    return Reply.json(Drops.of(bench, ready, asked.head(), asked.values()));
  }

  private Reply erase(JsonNode node) throws IOException {
    Items.Item item = items.get(node.path("item").asText());
    PageModel model = place.bench().model();
    Picture picture = item.read(model, options.mostPixels()).picture();
    if (picture == null) {
      throw new Refusal(422, "This is no picture.");
    }
    Picture erased = Erasing.erased(picture, node.path("spots"), node.path("filling").asText());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    erased.write(out, "png");
    String name = item.name().endsWith(", changed") ? item.name() : item.name() + ", changed";
    Map<String, PageModel.Given> parts = new LinkedHashMap<>(item.parts());
    String input = parts.isEmpty() ? "" : model.parts().get(model.explained());
    parts.computeIfPresent(input, (key, old) -> new PageModel.Given(name, out.toByteArray()));
    byte[] content = parts.isEmpty() ? out.toByteArray() : new byte[0];
    return added(items.add(name, item.label(), content, parts, item.id()));
  }

  private Reply model(Request request) throws IOException {
    byte[] content = request.body(options.mostModelBytes());
    String name = name(request);
    return changed(
        name,
        () -> {
          place.change(opener.open(name, content));
          gallery.restart();
          return name;
        });
  }

  /** Another of the model's inputs is explained. */
  private Reply explained(JsonNode node) throws IOException {
    String input = node.path("input").asText();
    return changed(
        input,
        () -> {
          place.explain(input);
          return input;
        });
  }

  private Reply changed(String name, Callable<String> change) throws IOException {
    Jobs.Job<String> job = jobs.add(change);
    try {
      while (!job.await(1000)) {
        // It is read as fast as it can be.
      }
      job.get();
      return Reply.json(Describe.object().put("name", name));
    } catch (InterruptedException e) {
      jobs.cancel(job);
      throw new InterruptedIOException();
    } catch (Exception e) {
      throw e instanceof IOException && !(e instanceof Refusal)
          ? new Refusal(422, Told.text(Printable.reason(e)))
          : Told.of(e, log);
    }
  }
}
