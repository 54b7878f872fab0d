package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.network.Layer;
import dev.keralens.objective.Objective;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.runtime.Precision;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/java.md, as they stand there. */
class GuideExamplesTest {
  private static final Path FOLDER = Path.of("../models/shapes");
  private static final Path SCENE = FOLDER.resolve("samples/scene-000.png");

  private static Model model() throws IOException {
    return Model.load(FOLDER.resolve("shapes.keras"));
  }

  private static Tensor scene() throws IOException {
    return Picture.read(FOLDER.resolve("samples/scene-000.png")).toTensor();
  }

  @Test
  void options_ofTheGuide() throws IOException {
    Tensor x = scene().reshape(1, 96, 96, 3);
    try (Model model = model()) {
      Explanation why = Explain.gradcam(model, x, Units.top(1));
      assertArrayEquals(new int[] {1, 96, 96, 1}, why.maps().shape());
      ExplainOptions options =
          ExplainOptions.defaults()
              .withLayers("stage3_block2_add", "input:pooling") // a map of each
              .withFilter(Filters::absoluteNormalize)
              .withResize(Resize.none())
              .withBatchSize(4);
      try (Explainer explainer = Explainer.of(model, options, GradCam.create())) {
        List<Explanation> both = explainer.explainAll(List.of(x), Units.top(1));
        assertEquals(2, both.size());
        assertArrayEquals(new int[] {1, 12, 12, 1}, both.get(1).maps().shape());
      }
    }
  }

  /** The example of docs/export.md. */
  @Test
  void export_ofTheGuide(@TempDir Path folder) throws IOException {
    try (Model model = model()) {
      model.export(folder.resolve("model.onnx"));
      try (Explainer explainer = Explainer.of(model, GradCam.create())) {
        explainer.export(folder.resolve("why.onnx"), ExportOptions.defaults().withHighestUnits(1));
      }
      try (Model why = Model.load(folder.resolve("why.onnx"))) {
        assertEquals("gradcam", why.metadata().get("keralens.methods"));
      }
    }
  }

  /** The example of docs/export.md that has only ONNX Runtime. */
  @Test
  void export_runsWithoutKeralens(@TempDir Path folder) throws Exception {
    String file = folder.resolve("why.onnx").toString();
    try (Model model = model();
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      explainer.export(Path.of(file), ExportOptions.defaults().withHighestUnits(1));
    }
    float[] pixels = scene().toFloatArray();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] shape = {1, 96, 96, 3};
    try (OrtSession session = environment.createSession(file);
        OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), shape);
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), x))) {
      float[][][][] map = (float[][][][]) result.get("saliency_map").orElseThrow().getValue();
      long[][] units = (long[][]) result.get("saliency_units").orElseThrow().getValue();
      System.out.println("unit " + units[0][0] + ", evidence in the middle: " + map[0][48][48][0]);
    }
  }

  @Test
  void precision_ofTheGuide() throws IOException {
    Tensor x = scene().reshape(1, 96, 96, 3);
    RuntimeOptions exact = RuntimeOptions.defaults().withPrecision(Precision.FLOAT64);
    ExplainOptions options = ExplainOptions.defaults().withRuntime(exact);
    try (Model model = model();
        Explainer twice = Explainer.of(model, options, Gradients.create());
        Explainer once = Explainer.of(model, Gradients.create())) {
      float[] maps = twice.explain(x, Units.top(1)).maps().toFloatArray();
      assertArrayEquals(once.explain(x, Units.top(1)).maps().toFloatArray(), maps, 1e-3f);
    }
  }

  @Test
  void scratch_ofTheGuide(@TempDir Path folder) throws IOException {
    Tensor x = scene().reshape(1, 96, 96, 3);
    RuntimeOptions small = RuntimeOptions.defaults().withScratch(folder);
    ExplainOptions options = ExplainOptions.defaults().withRuntime(small);
    try (Model model = model();
        Explainer scratch = Explainer.of(model, options, Gradients.create());
        Explainer memory = Explainer.of(model, Gradients.create())) {
      float[] maps = scratch.explain(x, Units.top(1)).maps().toFloatArray();
      assertArrayEquals(memory.explain(x, Units.top(1)).maps().toFloatArray(), maps);
    }
  }

  @Test
  void filters_ofTheGuide() {
    Tensor map = Tensor.of(new float[] {1, -2, 0, 4}, 2, 2);
    Filter square = (b, maps, axes) -> b.mul(maps, maps);
    Filter threshold =
        Filter.of(m -> m.get(0, 0) > 0.5 ? m : Tensor.of(new float[m.elements()], m.shape()));
    Tensor filtered = square.then(Filters::normalize).apply(map);
    assertEquals(0.25, filtered.get(0, 1));
    assertEquals(4, threshold.apply(map).get(1, 1));
  }

  @Test
  void wrappersAndBatches_ofTheGuide() throws IOException {
    Method smooth = Smooth.of(Gradients.create()).repetitions(50).relativeNoise(0.15).seed(1);
    Method both = Smooth.of(Tta.of(GradCam.create()).scales(0.5, 1.5)).form(Smooth.Form.VARIANCE);
    assertEquals("smooth(gradients)", smooth.name());
    assertEquals("smooth(tta(gradcam))", both.name());
    ImageLoader loader = ImageLoader.create().size(96, 96);
    List<Path> photos = List.of(SCENE, SCENE);
    List<Long> images = new ArrayList<>();
    ExplainOptions counting =
        ExplainOptions.defaults().withProgress((done, all) -> images.add(done));
    try (Model model = model();
        Explainer explainer = Explainer.of(model, counting, GradCam.create())) {
      List<Prefetch.Reader<Tensor>> readers = new ArrayList<>();
      for (Path file : photos) {
        readers.add(() -> loader.load(file));
      }
      try (Prefetch<List<Tensor>> batches = Prefetch.images(readers, 8);
          Prefetch<List<Explanation>> explained = explainer.explainAhead(batches, Units.top(1))) {
        while (explained.hasNext()) {
          Explanation why = explained.next().get(0); // of the next 8 photos, by the one method
          System.out.println(why.units() + " " + why.scores());
        }
      }
    }
    assertEquals(List.of(2L), images);
  }

  @Test
  void classifier_ofTheGuide(@TempDir Path folder) throws IOException {
    Path photo = SCENE;
    Path names = FOLDER.resolve("classes.json");
    try (Model model = model()) {
      ClassifierOptions options =
          ClassifierOptions.defaults()
              .withPreprocessing("mobilenet") // without: what the model itself says
              .withClasses(names); // a file as --classes takes it
      try (Classifier classifier =
          Classifier.of(model, options, GradCam.create(), Gradients.create())) {
        List<ClassScore> best = classifier.predict(photo, 5);
        System.out.println(best.get(0).name() + " " + best.get(0).output());
        Units two = Units.of(best.get(0).unit(), classifier.unit("cross"));
        for (PictureExplanation why : classifier.explainAll(photo, two)) {
          why.overlay(0).save(folder.resolve(why.method() + ".png"));
        }
      }
      assertEquals(96, Picture.read(folder.resolve("gradients.png")).height());
    }
  }

  @Test
  void tensors_ofTheGuide() throws IOException {
    Path photo = SCENE;
    try (Model model = model()) {
      ImageLoader loader = ImageLoader.create().size(96, 96);
      Tensor pixels = loader.load(photo); // (height, width, channels), 0 to 255
      Tensor input = Preprocessing.NONE.apply(pixels).batch(); // (1, height, width, channels)
      Tensor batch = Tensor.stack(List.of(pixels, pixels)); // (2, height, width, channels)
      Tensor highest = model.predict(batch).argmax(-1); // the highest unit of each
      assertEquals(model.predict(input).argmax(-1).getLong(0), highest.getLong(1));
    }
  }

  @Test
  void segmentation_ofTheGuide() {
    Objective predicted = Objective.logits().withPredictedRegion();
    ExplainOptions options = ExplainOptions.defaults().withObjective(predicted);
    assertEquals(predicted, options.objective());
  }

  @Test
  void inspection_ofTheGuide() throws IOException {
    Tensor x = scene().reshape(1, 96, 96, 3);
    try (Model model = model()) {
      System.out.println(model.summary());
      Layer logits = model.logitsLayer().orElseThrow();
      List<Layer> convolutions = model.find(layer -> layer.className().equals("Conv2D"));
      try (Model inner = model.expose("input:pooling", "logits")) {
        List<Tensor> values = inner.predict(List.of(x), ExplainOptions.defaults());
        System.out.println(values.get(0).typeAndShape() + " " + values.get(1));
      }
      try (Model inner = model.expose("input:pooling", "logits")) {
        List<Tensor> values = inner.predict(List.of(x), ExplainOptions.defaults());
        assertArrayEquals(new int[] {1, 12, 12, 96}, values.get(0).shape());
        assertArrayEquals(new int[] {1, 10}, values.get(1).shape());
      }
      assertEquals("logits", logits.name());
      assertFalse(convolutions.isEmpty());
    }
  }
}
