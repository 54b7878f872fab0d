package dev.keralens.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.applications.Application;
import dev.keralens.applications.ApplicationWeights;
import dev.keralens.applications.Applications;
import dev.keralens.graph.Shape;
import dev.keralens.inspect.Recognition.Weighted;
import dev.keralens.network.Layer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecognitionTest {
  private static final int SHOWN = 12;

  /** ResNet50 as Keras 2.2 and before named its layers. */
  private static final String OLD_RESNET =
      """
      # caffe ResNet50 (Keras 2.2)
      conv1 Conv2D 9472
      bn_conv1 BatchNormalization 256
      res2a_branch2a Conv2D 4160
      bn2a_branch2a BatchNormalization 256
      res2a_branch2b Conv2D 36928
      bn2a_branch2b BatchNormalization 256
      res2a_branch2c Conv2D 16640
      res2a_branch1 Conv2D 16640
      bn2a_branch2c BatchNormalization 1024
      bn2a_branch1 BatchNormalization 1024
      res2b_branch2a Conv2D 16448
      bn2b_branch2a BatchNormalization 256
      """;

  /** All networks that do not scale their pixels themselves. */
  static List<Application> plain() {
    List<Application> all = new ArrayList<>();
    for (Application application : Applications.all()) {
      Application whole = application.includeTop(false);
      String title = application.title();
      if (title.startsWith("MobileNetV3")) {
        for (double alpha : new double[] {0.75, 1}) {
          Application plain = whole.includePreprocessing(false).alpha(alpha);
          all.add(plain);
          all.add(plain.minimalistic(true));
        }
      } else if (title.startsWith("ConvNeXt") || title.startsWith("EfficientNetV2")) {
        all.add(whole.includePreprocessing(false));
      } else if (title.startsWith("MobileNet")) {
        for (double alpha : new double[] {0.25, 0.35, 0.5, 0.75, 1, 1.3, 1.4}) {
          all.add(whole.alpha(alpha));
        }
      } else if (!title.startsWith("EfficientNet")) {
        all.add(whole);
      }
    }
    return all;
  }

  private static List<Weighted> weighted(Application application) {
    return application.definition().layers().stream()
        .filter(layer -> layer.parameters() > 0)
        .map(layer -> Weighted.of(layer.name(), layer.className(), layer.parameters()))
        .limit(SHOWN)
        .toList();
  }

  private static String table() {
    Map<List<Weighted>, List<Application>> rows = new LinkedHashMap<>();
    for (Application application : plain()) {
      rows.computeIfAbsent(weighted(application), key -> new ArrayList<>()).add(application);
    }
    StringBuilder text = new StringBuilder();
    rows.forEach(
        (layers, applications) -> {
          String titles =
              applications.stream()
                  .map(Application::title)
                  .distinct()
                  .collect(Collectors.joining(" or "));
          String label = applications.get(0).preprocessing().label();
          text.append("# %s %s\n".formatted(label, titles));
          for (Weighted layer : layers) {
            text.append(
                "%s %s %d\n".formatted(layer.name(), layer.className(), layer.parameters()));
          }
        });
    return text + OLD_RESNET;
  }

  /** Where it fails, the right table lies in target. */
  @Test
  void table_isThatOfTheDefinitions() throws IOException {
    String table = table();
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target/beginnings.txt"), table);
    try (InputStream in =
        Objects.requireNonNull(Recognition.class.getResourceAsStream("beginnings.txt"))) {
      assertEquals(table, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("plain")
  void everyNetwork_isRecognisedWithItsPreprocessing(Application application) throws IOException {
    List<Layer> layers = layers(application);
    List<Layer> first = layers.stream().filter(layer -> layer.parameters() > 0).limit(1).toList();
    Optional<Recognition> found = Recognition.of(layers, first);
    assertEquals(Optional.of(application.preprocessing()), found.map(Recognition::preprocessing));
  }

  /** The layers of a network, without calls. */
  private static List<Layer> layers(Application application) throws IOException {
    int size = application.inputSize();
    return application
        .inputShape(size, size, 3)
        .weights(ApplicationWeights.random(1))
        .load()
        .network(List.of(Shape.of(Shape.BATCH, size, size, 3)))
        .layers();
  }
}
