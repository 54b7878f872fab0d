package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.file.QuietJava;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The classes of the library can be unloaded, as an application server does with an application:
 * nothing of Java's refers to them once a model is closed.
 *
 * <p>Newer Java keeps the last type that a record's {@code equals} or {@code hashCode} was made for
 * in {@code java.lang.runtime.ObjectMethods}, by a soft reference; so each model is read in a
 * process of its own, which keeps soft references no longer than weak ones there.
 */
class ClassLoaderTest {
  /** A class of each jar that reading a model needs, and of the library itself. */
  private static final List<String> JARS =
      List.of(
          "dev.keralens.Model",
          "com.fasterxml.jackson.databind.JsonNode",
          "com.fasterxml.jackson.core.JsonParser",
          "com.fasterxml.jackson.annotation.JsonCreator",
          "io.jhdf.HdfFile",
          "com.ning.compress.lzf.LZFDecoder",
          "org.apache.commons.lang3.StringUtils",
          "org.slf4j.Logger",
          "com.google.protobuf.Message",
          "ai.onnx.proto.OnnxMl",
          "ai.onnxruntime.OrtEnvironment");

  @ParameterizedTest
  @ValueSource(strings = {"parity/conv_mix/model.keras", "parity/conv_mix/model.h5"})
  void loader_isFreedAfterModelsAreRead(String model) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(QuietJava.options());
    if (Runtime.version().feature() > 17) {
      command.add("-XX:SoftRefLRUPolicyMSPerMB=0");
    }
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), ClassLoaderTest.class.getName(), model));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor(), lines::toString);
    assertEquals(List.of("read", "freed"), lines);
  }

  /** Reads the model and says whether the classes of the library are freed after it. */
  public static void main(String[] model) throws Exception {
    WeakReference<ClassLoader> loader = readWithLoaderOfItsOwn(model[0]);
    System.out.println("read");
    for (int i = 0; i < 50 && loader.get() != null; i++) {
      System.gc();
      Thread.sleep(50);
    }
    System.out.println(
        loader.get() == null ? "freed" : "something still refers to the classes of the library");
  }

  private static WeakReference<ClassLoader> readWithLoaderOfItsOwn(String model) throws Exception {
    URL resource = Objects.requireNonNull(ClassLoaderTest.class.getResource("/" + model));
    Path file = Path.of(resource.toURI());
    try (URLClassLoader loader =
        new URLClassLoader("application", urls(), ClassLoader.getPlatformClassLoader())) {
      FutureTask<String> work = new FutureTask<>(() -> read(loader, file));
      Thread thread = new Thread(work, "application");
      thread.setContextClassLoader(loader);
      thread.start();
      assertEquals("application", work.get());
      thread.join();
      return new WeakReference<>(loader);
    }
  }

  /** Loads a model, builds its network and closes it; gives the name of the loader of its class. */
  private static String read(ClassLoader loader, Path file) throws Exception {
    Class<?> model = loader.loadClass("dev.keralens.Model");
    try {
      Object loaded = model.getMethod("load", Path.class).invoke(null, file);
      model.getMethod("network").invoke(loaded);
      model.getMethod("close").invoke(loaded);
    } catch (InvocationTargetException e) {
      throw new AssertionError(e.getCause());
    }
    return model.getClassLoader().getName();
  }

  private static URL[] urls() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String name : JARS) {
      urls.add(Class.forName(name).getProtectionDomain().getCodeSource().getLocation());
    }
    return urls.toArray(URL[]::new);
  }
}
