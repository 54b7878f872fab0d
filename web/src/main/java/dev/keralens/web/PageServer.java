package dev.keralens.web;

import dev.keralens.web.http.LocalServer;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Serves the page for one model, until it is closed. It answers this machine alone unless the
 * options name another address, and only who has the token of its {@link #url()}.
 */
public final class PageServer implements AutoCloseable {
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
      gallery.start();
      return new PageServer(server, jobs, place, gallery);
    } catch (IOException e) {
      jobs.close();
      place.close();
      throw e;
    }
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
