package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.keralens.applications.Applications;
import dev.keralens.applications.KerasCache;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks by name, with weights that Keras wrote, from a server on this machine. */
class NamedNetworkTest {
  private static final Path GOLDEN = Cli.CORE.resolve("golden/published");
  private static final String WEIGHTS =
      "/tensorflow/keras-applications/mobilenet/mobilenet_1_0_224_tf.h5";

  @TempDir private Path home;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final String homeBefore = System.getProperty("user.home");
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          try (exchange) {
            if (path.equals(WEIGHTS)) {
              byte[] bytes = weights();
              exchange.sendResponseHeaders(200, bytes.length);
              exchange.getResponseBody().write(bytes);
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          }
        });
    server.start();
    System.setProperty("user.home", home.toString());
    System.setProperty(
        KerasCache.MIRROR, "http://localhost:" + server.getAddress().getPort() + "/");
  }

  @AfterEach
  void stop() {
    server.stop(0);
    System.setProperty("user.home", homeBefore);
    System.clearProperty(KerasCache.MIRROR);
  }

  private static byte[] weights() throws IOException {
    try (ZipFile zip = new ZipFile(GOLDEN.resolve("MobileNet.zip").toFile());
        InputStream in = zip.getInputStream(zip.getEntry("weights.h5"))) {
      return in.readAllBytes();
    }
  }

  @Test
  void explain_downloadsOnceAndExplains() throws IOException {
    Path picture = Cli.IMAGES.resolve("rgb.png");
    Path out = home.resolve("why.png");
    Cli run =
        Cli.done("explain", picture, "-m", "mobilenet", "--method", "gradcam,gradients", "-o", out);
    assertTrue(Files.size(out) > 0);
    assertTrue(
        run.err().get(0).startsWith("Downloading mobilenet_1_0_224_tf.h5 (1"), run::toString);
    assertTrue(
        run.err().get(1).contains("units have no names")
            && run.err().get(1).contains("imagenet_class_index.json"),
        run::toString);
    assertTrue(Files.exists(home.resolve(".keras/models/mobilenet_1_0_224_tf.h5")));
    assertTrue(run.out().get(0).contains("probability"), run::toString);
    server.stop(0);
    Cli again = Cli.done("predict", picture, "-m", "MobileNet");
    assertTrue(
        again.err().stream().noneMatch(line -> line.contains("Downloading")), again::toString);
    assertEquals(1, asked.stream().filter(WEIGHTS::equals).count());
  }

  @Test
  void explain_takesClassNamesFromTheCache() throws IOException {
    Path models = Files.createDirectories(home.resolve(".keras/models"));
    Files.write(models.resolve("mobilenet_1_0_224_tf.h5"), weights());
    Path names = home.resolve("names.txt");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append("kind ").append(i).append('\n');
    }
    Files.writeString(names, text);
    Cli run =
        Cli.done("predict", Cli.IMAGES.resolve("rgb.png"), "-m", "mobilenet", "--classes", names);
    assertTrue(run.out().get(1).contains("kind "), run::toString);
    assertEquals(List.of(), asked);
  }

  @Test
  void offline_saysAddressAndPlaceInOneLine() {
    server.stop(0);
    Cli.fails(
        1,
        List.of(
            "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5",
            "http://localhost:",
            "/tensorflow/keras-applications/resnet/resnet50v2",
            home.resolve(".keras/models/resnet50v2_weights_tf_dim_ordering_tf_kernels.h5")
                .toString()),
        "predict",
        Cli.IMAGES.resolve("rgb.png"),
        "-m",
        "resnet50v2");
  }

  @Test
  void fileOfTheName_goesBefore() throws IOException {
    Path file = home.resolve("mobilenet");
    Files.writeString(file, "no model");
    Cli.fails(1, List.of("is no Keras model"), "inspect", file);
    assertEquals(List.of(), asked);
  }

  @Test
  void misspeltName_isCorrected() {
    Cli.fails(
        1, List.of("no file resnet51v2", "Did you mean 'resnet50v2'?"), "inspect", "resnet51v2");
  }

  @Test
  void models_listsAllWithParametersAndWhatIsInTheCache() throws IOException {
    Path models = Files.createDirectories(home.resolve(".keras/models"));
    Files.writeString(models.resolve("vgg16_weights_tf_dim_ordering_tf_kernels.h5"), "x");
    Cli run = Cli.done("models");
    assertEquals(1 + Applications.all().size() + 2, run.out().size(), run::toString);
    assertTrue(
        run.out().stream().anyMatch(l -> l.matches("vgg16 +224x224 +138,357,544 +caffe +yes")),
        run::toString);
    assertTrue(
        run.out().stream().anyMatch(l -> l.matches("xception +299x299 +22,910,480 +tf +-")),
        run::toString);
    assertFalse(Files.exists(models.resolve(".locks")));
  }
}
