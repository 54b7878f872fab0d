package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.applications.Application;
import dev.keralens.applications.Applications;
import dev.keralens.applications.ClassIndex;
import dev.keralens.applications.DownloadException;
import dev.keralens.applications.KerasCache;
import dev.keralens.applications.Pooling;
import dev.keralens.applications.Prediction;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of networks by name, where nothing can be downloaded. */
class ApplicationExamplesTest {
  private final Tensor pixels = Tensor.of(new float[96 * 96 * 3], 1, 96, 96, 3);
  private List<List<Prediction>> top = List.of();
  private final String homeBefore = System.getProperty("user.home");
  @TempDir private Path home;

  @BeforeEach
  void goOffline() {
    System.setProperty("user.home", home.toString());
    System.setProperty(KerasCache.MIRROR, "http://localhost:1/");
  }

  @AfterEach
  void comeBack() {
    System.setProperty("user.home", homeBefore);
    System.clearProperty(KerasCache.MIRROR);
  }

  private void published() throws IOException {
    Model.load(Applications.mobileNetV2().includeTop(false).pooling(Pooling.AVG)).close();
  }

  private void application() throws IOException {
    Application application = Applications.resNet50V2();
    try (Model model = Model.load(application)) {
      Tensor scores = model.predict(application.preprocessInput(pixels));
      top = ClassIndex.imageNet(KerasCache.standard()).decode(scores, 5);
    }
  }

  @Test
  void publishedNetworks_sayWhereToGetTheirWeights() {
    DownloadException e = assertThrows(DownloadException.class, this::published);
    assertTrue(String.valueOf(e.getMessage()).contains("_1.0_224_no_top.h5"), e.getMessage());
    assertThrows(DownloadException.class, this::application);
    assertEquals(List.of(), top);
  }

  @Test
  void applications_areFoundByName() {
    Application xception = Applications.xception();
    Application same = Applications.of("xception");
    assertEquals(xception.title(), same.title());
  }

  @Test
  void builder_definesModels() {
    ModelBuilder b = ModelBuilder.create("tiny");
    SymbolicTensor x = b.input(96, 96, 3);
    x = b.conv2d(16, 3).strides(2).padding("same").activation("relu").name("conv1").apply(x);
    x = b.globalAveragePooling2d().apply(x);
    x = b.dense(10).name("logits").apply(x);
    Model tiny = Model.of(b.build(x), 42);
    try (tiny) {
      assertEquals(10, tiny.predict(pixels).size(1));
    }
  }
}
