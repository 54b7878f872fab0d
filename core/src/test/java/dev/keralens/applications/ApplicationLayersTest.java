package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.keras.build.DefinedLayer;
import dev.keralens.keras.build.ModelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares every layer of every network with Keras', by parity/published/make_layers.py. */
class ApplicationLayersTest {
  /** A network of the file. */
  record Golden(String header, List<String> files, List<String> layers) {
    @Override
    public String toString() {
      return header;
    }
  }

  static List<Golden> golden() throws IOException {
    List<Golden> networks = new ArrayList<>();
    try (InputStream in =
            Objects.requireNonNull(
                ApplicationLayersTest.class.getResourceAsStream(
                    "/golden/published/layers.txt.gz"));
        BufferedReader reader =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("# ")) {
          networks.add(new Golden(line.substring(2), new ArrayList<>(), new ArrayList<>()));
        } else {
          Golden last = networks.get(networks.size() - 1);
          (line.startsWith("! ") ? last.files() : last.layers()).add(line);
        }
      }
    }
    return networks;
  }

  static Application application(String header) {
    String[] words = header.split(" ", -1);
    Application application = Applications.of(words[0]);
    for (int i = 1; i < words.length; i++) {
      String[] option = words[i].split("=", 2);
      application = with(application, option[0], option[1]);
    }
    return application;
  }

  private static Application with(Application application, String key, String value) {
    return switch (key) {
      case "weights" ->
          application.weights(
              value.equals("imagenet")
                  ? ApplicationWeights.imageNet()
                  : ApplicationWeights.random(0));
      case "include_top" -> application.includeTop(value.equals("True"));
      case "pooling" ->
          application.pooling(Pooling.valueOf(value.toUpperCase(java.util.Locale.ROOT)));
      case "classes" -> application.classes(Integer.parseInt(value));
      case "alpha" -> application.alpha(Double.parseDouble(value));
      case "minimalistic" -> application.minimalistic(value.equals("True"));
      case "include_preprocessing" -> application.includePreprocessing(value.equals("True"));
      case "classifier_activation" ->
          application.classifierActivation(value.equals("None") ? "linear" : value);
      case "input_shape" -> {
        int[] sizes = Stream.of(value.split("x", -1)).mapToInt(Integer::parseInt).toArray();
        yield application.inputShape(sizes[0], sizes[1], sizes[2]);
      }
      default -> throw new IllegalArgumentException(key);
    };
  }

  @ParameterizedTest
  @MethodSource("golden")
  void layers_areThoseOfKeras(Golden golden) {
    Application application = application(golden.header());
    List<String> found =
        application.definition().layers().stream().map(ApplicationLayersTest::row).toList();
    assertEquals(String.join("\n", golden.layers()), String.join("\n", found));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void weights_areTheFileThatKerasAsksFor(Golden golden) {
    if (golden.header().contains("weights=imagenet")) {
      PublishedFile file = application(golden.header()).publishedWeights();
      assertEquals(
          golden.files(),
          List.of(
              "! %s %s %s"
                  .formatted(
                      file.name(), file.address(), file.hash() == null ? "None" : file.hash())));
    }
  }

  @Test
  void networks_haveGoldenLayersEach() throws IOException {
    assertEquals(
        Applications.all().stream().map(Application::title).collect(Collectors.toSet()),
        golden().stream().map(g -> g.header().split(" ", 2)[0]).collect(Collectors.toSet()));
  }

  private static String row(DefinedLayer layer) {
    String shape =
        layer.outputShape().stream()
            .map(size -> size == ModelBuilder.OPEN ? "None" : String.valueOf(size))
            .collect(Collectors.joining(","));
    return "%s|%s|%s|%d".formatted(layer.name(), layer.className(), shape, layer.parameters());
  }
}
