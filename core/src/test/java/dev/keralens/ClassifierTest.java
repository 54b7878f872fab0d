package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Method;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifierTest {
  private static final Path SHAPES = Path.of("../models/shapes");
  private static final Path SCENE = SHAPES.resolve("samples/scene-000.png");

  @TempDir private Path folder;

  private static Model shapes() throws IOException {
    return Model.load(SHAPES.resolve("shapes.keras"));
  }

  private static ClassifierOptions named() throws IOException {
    return ClassifierOptions.defaults().withClasses(SHAPES.resolve("classes.json"));
  }

  /** A convolution, a pooling and a dense layer: nothing scales its pixels. */
  private static Model bare(int units, String activation) {
    ModelBuilder b = ModelBuilder.create("bare");
    SymbolicTensor x = b.input(16, 16, 3);
    x = b.conv2d(4, 3).activation("relu").apply(x);
    x = b.globalAveragePooling2d().apply(x);
    x = b.dense(units).activation(activation).apply(x);
    return Model.of(b.build(x), 3);
  }

  /** The example of the Javadoc. */
  @Test
  void example_namesAndDraws() throws IOException {
    Path file = SHAPES.resolve("shapes.keras");
    Path photo = SCENE;
    Path out = folder.resolve("why.png");
    ClassifierOptions options = named();
    List<String> said = new ArrayList<>();
    try (Model model = Model.load(file);
        Classifier classifier = Classifier.of(model, options)) {
      List<ClassScore> best = classifier.predict(photo, 3);
      best.forEach(one -> said.add(one.name()));
      PictureExplanation why = classifier.explain(photo, Units.top(2));
      why.save(out);
    }
    assertEquals(3, said.size());
    assertTrue(Files.size(out) > 0);
  }

  @Test
  void photos_ofEachKindAreOne() throws IOException {
    Picture picture = Picture.read(SCENE);
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model, named());
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      Explanation plain = explainer.explain(picture.toTensor().reshape(1, 96, 96, 3), Units.top(2));
      List<PictureExplanation> all =
          List.of(
              classifier.explain(SCENE, Units.top(2)),
              classifier.explain(picture, Units.top(2)),
              classifier.explain(picture.toImage(), Units.top(2)),
              classifier.explain(picture.toTensor(), Units.top(2)),
              classifier.explain(picture.toTensor().batch(), Units.top(2)));
      for (PictureExplanation one : all) {
        assertArrayEquals(plain.map(0, 1).toFloatArray(), one.map(1).toFloatArray());
        assertEquals(plain.unit(0, 0), one.classes().get(0).unit());
        assertEquals(plain.scores().get(0, 0), one.classes().get(0).score());
        assertEquals(plain.outputs().get(0, 0), one.classes().get(0).output());
        assertEquals(96, one.overlay(0).height());
      }
      for (List<ClassScore> best :
          List.of(
              classifier.predict(SCENE, 2),
              classifier.predict(picture, 2),
              classifier.predict(picture.toImage(), 2),
              classifier.predict(picture.toTensor(), 2))) {
        assertEquals(all.get(0).classes().toString(), best.toString());
      }
    }
  }

  @Test
  void preprocessing_goesBeforeTheModel() {
    Picture photo = Picture.ofTensor(Tensor.of(new float[20 * 30 * 3], 20, 30, 3));
    try (Model model = bare(3, "softmax");
        Classifier classifier =
            Classifier.of(model, ClassifierOptions.defaults().withPreprocessing("mobilenet_v2"))) {
      Tensor x = classifier.input(photo);
      assertEquals(Preprocessing.TF, classifier.preprocessing());
      assertArrayEquals(new int[] {1, 16, 16, 3}, x.shape());
      assertEquals(-1, x.get(0, 15, 15, 2));
      assertEquals(classifier.predict(photo, 1).toString(), classifier.predict(x, 1).toString());
      assertEquals("unit ", classifier.predict(photo, 1).get(0).name().replaceAll("\\d", ""));
      assertEquals(20, classifier.explain(photo, Units.top(1)).overlay(0).height());
    }
  }

  @Test
  void unknownPixels_areAskedFor() {
    try (Model model = bare(3, "softmax")) {
      String message = message(IllegalArgumentException.class, () -> Classifier.of(model).close());
      assertTrue(message.contains("withPreprocessing"), message);
      assertTrue(message.contains("nothing in the model scales them"), message);
    }
  }

  @Test
  void tensors_ofOtherRangesAreRefused() throws IOException {
    float[] bytes = new float[16 * 16 * 3];
    bytes[7] = 200;
    Tensor pixels = Tensor.of(bytes, 16, 16, 3);
    try (Model model = bare(3, "softmax");
        Classifier classifier =
            Classifier.of(model, ClassifierOptions.defaults().withPreprocessing("tf"))) {
      String message = message(IllegalArgumentException.class, () -> classifier.predict(pixels, 1));
      assertTrue(message.contains("whole numbers of 0 to 200"), message);
    }
    float[] small = new float[96 * 96 * 3];
    small[7] = 0.5f;
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model)) {
      Tensor scaled = Tensor.of(small, 96, 96, 3);
      assertThrows(IllegalArgumentException.class, () -> classifier.predict(scaled, 1));
      Tensor two = Tensor.of(new float[2 * 96 * 96 * 3], 2, 96, 96, 3);
      String message = message(IllegalArgumentException.class, () -> classifier.predict(two, 1));
      assertTrue(message.contains("one image"), message);
    }
  }

  @Test
  void names_areAsManyAsUnits() throws IOException {
    try (Model model = shapes()) {
      ClassifierOptions few = ClassifierOptions.defaults().withClasses(List.of("a", "b", "c"));
      String message =
          message(IllegalArgumentException.class, () -> Classifier.of(model, few).close());
      assertTrue(message.contains("names of 3 classes, but shapes.keras has 10 units"), message);
    }
  }

  @Test
  void unit_isFoundByName() throws IOException {
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model, named())) {
      String name = classifier.classes().name(4);
      assertEquals(4, classifier.unit(name.toUpperCase(Locale.ROOT)));
      String message = message(IllegalArgumentException.class, () -> classifier.unit(name + "x"));
      assertTrue(message.contains("Did you mean '" + name + "'?"), message);
    }
  }

  @Test
  void oneSigmoid_isTwoClassesWithTwoNames() {
    Picture photo = Picture.ofTensor(Tensor.of(new float[16 * 16 * 3], 16, 16, 3));
    ClassifierOptions options =
        ClassifierOptions.defaults()
            .withPreprocessing(Preprocessing.UNIT)
            .withClasses(List.of("cat", "dog"));
    try (Model model = bare(1, "sigmoid");
        Classifier classifier = Classifier.of(model, options)) {
      float dog = model.predict(classifier.input(photo)).get(0, 0);
      List<ClassScore> both = classifier.predict(photo, 2);
      assertEquals(2, both.size());
      ClassScore best = both.get(0);
      assertEquals(dog > 0.5 ? "dog" : "cat", best.name());
      assertEquals(Math.max(dog, 1 - dog), best.output(), 1e-6);
      assertEquals("cat", classifier.explain(photo, Units.of(0)).classes().get(0).name());
    }
  }

  @Test
  void methods_shareAPhoto() throws IOException {
    Method[] methods = {GradCam.create(), Gradients.create()};
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model, named(), methods)) {
      List<PictureExplanation> both = classifier.explainAll(SCENE, Units.top(1));
      assertEquals("gradcam", both.get(0).method());
      assertEquals("gradients", both.get(1).method());
      assertThrows(IllegalArgumentException.class, () -> classifier.explain(SCENE, Units.top(1)));
    }
  }

  @Test
  void loader_readsAsItSays() throws IOException {
    Path large = folder.resolve("large.png");
    Picture.read(SCENE).resize(200, 300, Interpolation.BILINEAR).save(large);
    ClassifierOptions keras = ClassifierOptions.defaults().withLoader(ImageLoader.keras());
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model, keras)) {
      Tensor expected = ImageLoader.keras().size(96, 96).load(large);
      assertArrayEquals(expected.toFloatArray(), classifier.input(large).toFloatArray());
    }
  }

  @Test
  void models_ofOtherKindsAreRefused() {
    ModelBuilder b = ModelBuilder.create("mask");
    SymbolicTensor x = b.input(16, 16, 3);
    ClassifierOptions options = ClassifierOptions.defaults().withPreprocessing(Preprocessing.UNIT);
    try (Model model = Model.of(b.build(b.conv2d(2, 3).padding("same").apply(x)), 1)) {
      String message =
          message(UnsupportedModelException.class, () -> Classifier.of(model, options).close());
      assertTrue(message.contains("use an Explainer"), message);
    }
    ModelBuilder two = ModelBuilder.create("table");
    SymbolicTensor row = two.input(8);
    try (Model model = Model.of(two.build(two.dense(2).apply(row)), 1)) {
      assertThrows(UnsupportedModelException.class, () -> Classifier.of(model, options).close());
    }
  }

  @Test
  void files_thatAreMissing() throws IOException {
    Path none = folder.resolve("none");
    assertThrows(NoSuchFileException.class, () -> Model.load(none).close());
    assertThrows(NoSuchFileException.class, () -> ClassifierOptions.defaults().withClasses(none));
    try (Model model = shapes();
        Classifier classifier = Classifier.of(model)) {
      assertThrows(NoSuchFileException.class, () -> classifier.predict(none, 1));
    }
  }

  @Test
  void explainer_saysThatTheBatchIsMissing() throws IOException {
    try (Model model = shapes();
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      Tensor x = Picture.read(SCENE).toTensor();
      String message = message(IllegalArgumentException.class, () -> explainer.explain(x));
      assertTrue(message.contains("x.batch() makes a batch of one"), message);
    }
  }

  private static String message(
      Class<? extends Exception> type, org.junit.jupiter.api.function.Executable code) {
    return String.valueOf(assertThrows(type, code).getMessage());
  }
}
