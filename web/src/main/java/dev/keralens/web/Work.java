package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.ExportOptions;
import dev.keralens.Units;
import dev.keralens.web.http.Refusal;
import dev.keralens.web.http.Reply;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/** What computes long: it waits in the queue, says how far it has come, and can be given up. */
final class Work {
  private static final int BEAT = 120;

  private final PageOptions options;
  private final Items items;
  private final Jobs jobs;
  private final Workplace place;
  private final Gallery gallery;
  private final Consumer<Throwable> log;

  Work(
      PageOptions options,
      Items items,
      Jobs jobs,
      Workplace place,
      Gallery gallery,
      Consumer<Throwable> log) {
    this.options = options;
    this.items = items;
    this.jobs = jobs;
    this.place = place;
    this.gallery = gallery;
    this.log = log;
  }

  private Items.Ready ready(String id, Bench bench) throws IOException {
    return items.ready(id, bench.model(), options.mostPixels());
  }

  /** The maps of one method. */
  Reply explain(JsonNode node) throws IOException {
    String id = items.get(node.path("item").asText()).id();
    Bench.Question asked = Asked.question(node);
    return stream(
        () -> {
          Bench bench = place.bench();
          Items.Ready ready = ready(id, bench);
          return maps(bench, asked, ready, Asked.units(node, bench));
        });
  }

  private static Answer maps(Bench bench, Bench.Question asked, Items.Ready ready, Units units) {
    long began = System.nanoTime();
    List<Explanation> maps = bench.explain(asked, ready.inputs(), units);
    ObjectNode head = Describe.maps(bench, asked, maps);
    head.put("millis", (System.nanoTime() - began) / 1e6);
    return new Answer(head, Describe.numbers(maps));
  }

  /** The maps of one method where the weights of the last layer are shuffled. */
  Reply randomized(JsonNode node) throws IOException {
    String id = items.get(node.path("item").asText()).id();
    Bench.Question asked = Asked.question(node);
    return stream(
        () -> {
          Bench bench = place.bench();
          Items.Ready ready = ready(id, bench);
          Answer answer = maps(bench.randomized(), asked, ready, Asked.units(node, bench));
          String layer = Randomized.layer(bench.network(), bench.explained().position());
          answer.head().put("layer", layer);
          return answer;
        });
  }

  /** Deletion and insertion curves of one map. */
  Reply curves(JsonNode node) throws IOException {
    String id = items.get(node.path("item").asText()).id();
    Bench.Question asked = Asked.question(node);
    int unit = node.path("units").path(0).asInt(0);
    return stream(
        () -> {
          Bench bench = place.bench();
          return new Answer(Curves.of(bench, asked, ready(id, bench), unit), new byte[0]);
        });
  }

  /** A report of several pictures. */
  Reply report(JsonNode node) throws IOException {
    PageReport report = PageReport.of(node, items, gallery, options.mostPixels());
    return stream(
        () ->
            new Answer(
                Describe.object().put("type", "text/html"),
                report.html(
                    place.bench(),
                    (done, total) -> {
                      Jobs.Job<?> job = jobs.running();
                      if (job != null) {
                        job.progress(done, total);
                      }
                    })));
  }

  /** The model with a method as a file for other programs. */
  Reply export(JsonNode node) throws IOException {
    Bench.Question asked = Asked.questions(node).get(0);
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

  /** The end of an answer that comes in pieces. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(ObjectNode head, byte[] data) {}

  /**
   * Does long work on the queue, and says meanwhile how far it has come. Where nobody listens any
   * more, the work is given up.
   */
  private Reply stream(Callable<Answer> work) throws IOException {
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
