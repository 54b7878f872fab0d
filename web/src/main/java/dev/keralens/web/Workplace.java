package dev.keralens.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** The model that the page has now, and what is told of it. */
final class Workplace implements AutoCloseable {
  private final Jobs jobs;
  private Bench bench;
  private @Nullable ObjectNode described;
  private @Nullable ArrayNode methods;

  Workplace(PageModel model, Jobs jobs) {
    this.jobs = jobs;
    this.bench = new Bench(model, jobs);
  }

  /** The model at work. */
  synchronized Bench bench() {
    return bench;
  }

  /** What is told of the model. */
  ObjectNode described() {
    Bench now = bench();
    synchronized (this) {
      if (described != null) {
        return described;
      }
    }
    ObjectNode made = Describe.model(now);
    made.set("colorMaps", Describe.colorMaps());
    synchronized (this) {
      if (now == bench) {
        described = made;
      }
    }
    return made;
  }

  /** What is told of the methods. */
  ArrayNode methods() {
    Bench now = bench();
    synchronized (this) {
      if (methods != null) {
        return methods;
      }
    }
    ArrayNode made = Describe.methods(now);
    synchronized (this) {
      if (now == bench) {
        methods = made;
      }
    }
    return made;
  }

  /** Takes another model; called on the thread of the queue. The one before is closed. */
  void change(PageModel model) {
    replaced(new Bench(model, jobs)).close();
  }

  /** Explains another input of the same model; called on the thread of the queue. */
  void explain(String input) {
    replaced(new Bench(bench().model().explaining(input), jobs)).rest();
  }

  private synchronized Bench replaced(Bench next) {
    Bench before = bench;
    bench = next;
    described = null;
    methods = null;
    return before;
  }

  /** Closes the model. */
  @Override
  public void close() {
    bench().close();
  }
}
