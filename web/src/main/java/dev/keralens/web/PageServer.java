package dev.keralens.web;

import dev.keralens.Units;
import dev.keralens.web.http.LocalServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Serves the page for one model, until it is closed. It answers this machine alone unless the
 * options name another address, and only who has the token of its {@link #url()}.
 */
public final class PageServer implements AutoCloseable {
  private static final String FIRST = "gradcam";

  private final LocalServer server;
  private final Jobs jobs;
  private final Workplace place;
  private final Gallery gallery;

  /** Reads a model that somebody uploads. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Reads a model.
     *
     * @param name the name of its file
     * @param content the file
     * @return the model
     * @throws IOException if it cannot be read
     */
    PageModel open(String name, byte[] content) throws IOException;
  }

  private PageServer(LocalServer server, Jobs jobs, Workplace place, Gallery gallery) {
    this.server = server;
    this.jobs = jobs;
    this.place = place;
    this.gallery = gallery;
  }

  /**
   * Starts to serve.
   *
   * @param model the model; it is closed with the server, or if the server does not start
   * @param opener reads models that are uploaded
   * @param options how
   * @param log is told of failures that nobody foresaw
   * @return the server, to be closed by the caller
   * @throws IOException if the port is taken
   */
  public static PageServer start(
      PageModel model, Opener opener, PageOptions options, Consumer<Throwable> log)
      throws IOException {
    Jobs jobs = new Jobs(options.mostWaiting());
    Workplace place;
    try {
      place = new Workplace(model, jobs);
    } catch (RuntimeException e) {
      jobs.close();
      model.close();
      throw e;
    }
    Items items = new Items(options.mostHeld());
    Gallery gallery = new Gallery(options, items, place);
    Api api = new Api(options, opener, items, jobs, place, gallery, log);
    try {
      LocalServer server =
          LocalServer.start(
              options.address(), options.port(), api::answer, failure -> Told.of(failure, log));
      begin(options, jobs, place, gallery, items);
      return new PageServer(server, jobs, place, gallery);
    } catch (IOException e) {
      jobs.close();
      place.close();
      throw e;
    }
  }

  /**
   * While a browser starts, the first picture is explained once, so that what the page asks first
   * is compiled when it asks. The other pictures wait for that.
   */
  private static void begin(
      PageOptions options, Jobs jobs, Workplace place, Gallery gallery, Items items)
      throws IOException {
    if (options.samples().isEmpty()) {
      gallery.start();
      return;
    }
    jobs.add(
        () -> {
          try {
            Bench bench = place.bench();
            Items.Item first = gallery.item(0);
            Items.Ready ready = items.ready(first.id(), bench.model(), options.mostPixels());
            Units best =
                Units.of(Math.toIntExact(bench.scores(ready.inputs()).units().getLong(0, 0)));
            bench.explain(new Bench.Question(FIRST, Map.of(), List.of()), ready.inputs(), best);
          } catch (IOException | RuntimeException e) {
            // Whoever asks for it is told.
          } finally {
            gallery.start();
          }
          return FIRST;
        });
  }

  /** {@return the address to open, with the token} */
  public String url() {
    return server.url();
  }

  /** {@return the port} */
  public int port() {
    return server.port();
  }

  /** Stops: what runs is given up, and the model closed. */
  @Override
  public void close() {
    server.close();
    gallery.close();
    jobs.close();
    jobs.join();
    gallery.join();
    place.close();
  }
}
