package dev.keralens.spark;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Model;
import dev.keralens.runtime.RuntimeOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The explainers of this process: one for each model and its settings, shared by all tasks, opened
 * by the first and closed with the process; or once eight others were used since.
 */
final class SharedExplainers {
  private static final int KEPT = 8;

  /** In the order in which they were used last. */
  private static final Map<String, SharedExplainers> OPEN = new LinkedHashMap<>(16, 0.75f, true);

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(SharedExplainers::closeAll, "keralens-close"));
  }

  private final Model model;
  private final Explainer explainer;
  private final ModelInputs inputs;
  private int users;

  private SharedExplainers(Model model, Explainer explainer, ModelInputs inputs) {
    this.model = model;
    this.explainer = explainer;
    this.inputs = inputs;
  }

  /**
   * {@return the explainer for a job, to be released} Others wait while it is opened.
   *
   * @throws IOException if the model cannot be read
   */
  static SharedExplainers acquire(ExplainJob job, Columns columns, ModelFile file)
      throws IOException {
    RuntimeOptions runtime = TaskResources.options(job.device());
    synchronized (OPEN) {
      ModelFile.Local local = file.local();
      String key =
          String.join(
              "\n",
              local.path().toString(),
              local.stamp(),
              job.sharedKey(),
              job.preprocess(),
              columns.kinds().toString(),
              runtime.placement().devices().toString(),
              "" + runtime.threads());
      SharedExplainers shared = OPEN.get(key);
      if (shared == null) {
        shared = open(job, columns, local, runtime);
        OPEN.put(key, shared);
      }
      shared.users++;
      closeUnused();
      return shared;
    }
  }

  private static SharedExplainers open(
      ExplainJob job, Columns columns, ModelFile.Local local, RuntimeOptions runtime)
      throws IOException {
    Model model = Model.load(local.path());
    try {
      Model here = model.withRuntime(runtime);
      ExplainOptions options = ExplainOptions.defaults().withBatchSize(job.batchSize());
      if (!job.layer().isEmpty()) {
        options = options.withLayers(job.layer());
      }
      ModelInputs inputs = ModelInputs.of(here, columns.kinds(), job.preprocess());
      return new SharedExplainers(here, Explainer.of(here, options, job.create()), inputs);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  Explainer explainer() {
    return explainer;
  }

  ModelInputs inputs() {
    return inputs;
  }

  /** Gives it back. */
  void release() {
    synchronized (OPEN) {
      users--;
      closeUnused();
    }
  }

  private static void closeUnused() {
    Iterator<SharedExplainers> oldest = OPEN.values().iterator();
    while (OPEN.size() > KEPT && oldest.hasNext()) {
      SharedExplainers shared = oldest.next();
      if (shared.users == 0) {
        oldest.remove();
        shared.close();
      }
    }
  }

  /** How many there are. */
  static int open() {
    synchronized (OPEN) {
      return OPEN.size();
    }
  }

  private static void closeAll() {
    List<SharedExplainers> all;
    synchronized (OPEN) {
      all = new ArrayList<>(OPEN.values());
      OPEN.clear();
    }
    all.forEach(SharedExplainers::close);
  }

  private void close() {
    explainer.close();
    model.close();
  }
}
