package dev.keralens.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Resize;
import dev.keralens.Units;
import dev.keralens.filter.Filters;
import dev.keralens.method.Gradients;
import dev.keralens.explain.Method;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.Methods;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.Smooth;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One side of {@code benchmarks/compare}: a process that stays, and does and times what the lines
 * on its standard input say. Each line is answered by one line.
 *
 * <pre>
 *   model FILE                  reads a model; forgets the one before
 *   input FILE.npy              what is explained, as the model takes it
 *   units FILE.npy              which units, int64 (images, k)
 *   photos FOLDER N             tasks from now on work on the folder's JPEG files, N in each run
 *                               and their highest units; predict reads them all beforehand
 *   threads N                   threads for what is compiled from now on; default 2
 *   precision NAME              FLOAT32 or FLOAT64, for what is compiled from now on
 *   device NAMES                what computes what is compiled from now on, such as cuda:0
 *   scratch FOLDER              weights are written here while a network is compiled
 *   profile PREFIX              profiles what is compiled from now on; a file each, when closed
 *   task NAME METHOD [OPTION..] prepares: METHOD is predict, smooth or a method's name; the options
 *                               are raw (no filter), own-size (no resizing), layer=, batch=,
 *                               repetitions=, steps=, window=, stride=, samples=
 *   run NAME                    answers with the seconds that one run took, and with those of the
 *                               processors in it
 *   save NAME FILE.npy          writes what the last run gave
 *   close NAME                  forgets a task
 *   memory                      answers with the peak of the resident memory, in MB
 *   quit
 * </pre>
 */
public final class Driver implements AutoCloseable {
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final Map<String, Task> tasks = new HashMap<>();
  private final Map<String, Tensor> results = new HashMap<>();
  private RuntimeOptions runtime = RuntimeOptions.defaults().withThreads(2);
  private @Nullable Model model;
  private @Nullable Tensor input;
  private @Nullable Tensor units;
  private @Nullable Photos photos;

  private Driver() {}

  /**
   * Answers lines until there are no more.
   *
   * @param arguments none
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Driver driver = new Driver()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("quit")) {
          return;
        }
        System.out.println(driver.answer(line.split(" ", -1)));
      }
    }
  }

  private String answer(String[] words) {
    try {
      return "ok " + act(words);
    } catch (IOException | RuntimeException e) {
      return "failed " + String.valueOf(e).replace('\n', ' ');
    }
  }

  private String act(String[] words) throws IOException {
    switch (words[0]) {
      case "model" -> {
        forget();
        model = Model.load(Path.of(words[1])).withRuntime(runtime);
      }
      case "input" -> {
        input = Npy.read(Path.of(words[1]));
        photos = null;
      }
      case "units" -> units = Npy.read(Path.of(words[1]));
      case "photos" -> photos = Photos.of(Path.of(words[1]), Integer.parseInt(words[2]));
      case "threads" -> runtime = runtime.withThreads(Integer.parseInt(words[1]));
      case "precision" -> runtime = runtime.withPrecision(Precision.valueOf(words[1]));
      case "device" ->
          runtime = runtime.withDevices(Device.parseAll(words[1]).toArray(new Device[0]));
      case "scratch" -> runtime = runtime.withScratch(Path.of(words[1]));
      case "profile" -> runtime = runtime.withProfile(Path.of(words[1]));
      case "task" ->
          tasks.put(words[1], task(words[2], Arrays.asList(words).subList(3, words.length)));
      case "run" -> {
        return run(words[1]);
      }
      case "save" -> Npy.write(Path.of(words[2]), known(results, words[1]));
      case "close" -> {
        known(tasks, words[1]).close();
        tasks.remove(words[1]);
        results.remove(words[1]);
      }
      case "memory" -> {
        return peakMemory();
      }
      default -> throw new IllegalArgumentException("There is no command " + words[0] + ".");
    }
    return "";
  }

  private static <T> T known(Map<String, T> named, String name) {
    T found = named.get(name);
    if (found == null) {
      throw new IllegalArgumentException("There is no " + name + ".");
    }
    return found;
  }

  private String run(String name) {
    Task task = known(tasks, name);
    long busy = PROCESS.getProcessCpuTime();
    long start = System.nanoTime();
    Tensor result = task.run();
    long end = System.nanoTime();
    busy = PROCESS.getProcessCpuTime() - busy;
    results.put(name, result);
    return String.format(Locale.ROOT, "%.6f %.6f", (end - start) * 1e-9, busy * 1e-9);
  }

  private Task task(String method, List<String> options) throws IOException {
    Model current = model;
    Tensor x = input;
    Photos files = photos;
    if (current == null) {
      throw new IllegalStateException("A task needs a model.");
    }
    ExplainOptions settings = ExplainOptions.defaults().withRuntime(runtime);
    if (files == null && x != null) {
      settings = settings.withBatchSize(x.size(0));
    }
    int repetitions = 20;
    Map<String, Integer> passes = new HashMap<>();
    for (String option : options) {
      String value = option.substring(option.indexOf('=') + 1);
      switch (option.substring(0, option.length() - value.length())) {
        case "layer=" -> settings = settings.withLayers(value);
        case "batch=" -> settings = settings.withBatchSize(Integer.parseInt(value));
        case "repetitions=" -> repetitions = Integer.parseInt(value);
        case "steps=", "window=", "stride=", "samples=" ->
            passes.put(option.substring(0, option.indexOf('=')), Integer.parseInt(value));
        case "" ->
            settings =
                value.equals("raw")
                    ? settings.withFilter(Filters::none)
                    : settings.withResize(Resize.none());
        default -> throw new IllegalArgumentException("There is no option " + option + ".");
      }
    }
    boolean predicts = method.equals("predict");
    if (files != null) {
      return predicts
          ? files.predicting(current, settings)
          : files.explaining(current, settings, method(method, repetitions, passes));
    }
    if (x == null) {
      throw new IllegalStateException("A task needs an input, or photos.");
    }
    return predicts
        ? predicting(current, x, settings)
        : explaining(current, x, settings, method(method, repetitions, passes));
  }

  private static Method method(String name, int repetitions, Map<String, Integer> passes) {
    if (name.equals("smooth")) {
      return Smooth.of(Gradients.create()).repetitions(repetitions);
    }
    Methods.Row row = Methods.byNames().get(name);
    if (row == null) {
      throw new IllegalArgumentException("There is no method " + name + ".");
    }
    Method method = row.create();
    if (passes.isEmpty()) {
      return method;
    } else if (method instanceof IntegratedGradients path) {
      return path.steps(passes.getOrDefault("steps", 50));
    } else if (method instanceof Occlusion occlusion) {
      return occlusion
          .window(passes.getOrDefault("window", 32))
          .stride(passes.getOrDefault("stride", 16));
    } else if (method instanceof Rise rise) {
      return rise.masks(passes.getOrDefault("samples", 1000));
    }
    throw new IllegalArgumentException(name + " takes no options of passes.");
  }

  private static Task predicting(Model model, Tensor x, ExplainOptions settings) {
    return new Task() {
      @Override
      public Tensor run() {
        return model.predict(List.of(x), settings).get(0);
      }

      @Override
      public void close() {}
    };
  }

  private Task explaining(Model model, Tensor x, ExplainOptions settings, Method method) {
    Explainer explainer = Explainer.of(model, settings, method);
    Tensor given = units;
    return new Task() {
      @Override
      public Tensor run() {
        Explanation why = explainer.explain(x, given == null ? Units.top(1) : Units.each(given));
        return why.maps();
      }

      @Override
      public void close() {
        explainer.close();
      }
    };
  }

  private static String peakMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return String.valueOf(Long.parseLong(line.replaceAll("\\D", "")) / 1024);
      }
    }
    throw new IOException("The system does not tell the peak of the memory.");
  }

  private void forget() {
    new ArrayList<>(tasks.values()).forEach(Task::close);
    tasks.clear();
    results.clear();
    if (model != null) {
      model.close();
    }
  }

  @Override
  public void close() {
    forget();
  }
}
