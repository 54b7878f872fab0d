package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Formula;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.graph.Attributes;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.method.HiResCam;
import dev.keralens.method.InputXGradient;
import dev.keralens.method.IntegratedGradients;
import dev.keralens.method.IntegratedGradients.Rule;
import dev.keralens.method.LayerCam;
import dev.keralens.method.Methods;
import dev.keralens.method.Occlusion;
import dev.keralens.method.Rise;
import dev.keralens.method.ScoreCam;
import dev.keralens.method.Smooth;
import dev.keralens.method.Tta;
import dev.keralens.network.InputSpec;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.network.Network;
import dev.keralens.network.NetworkSource;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported files, run as other programs run them: by the runtime alone. */
class ExportTest {
  private static final Set<String> OF_ATTENTION =
      Set.of("attention_rollout", "transformer_attribution", "legrad");

  private static final Path SHAPES = Path.of("../models/shapes/shapes.keras");
  private static final Path TORCH = Path.of("src/test/resources/golden/methods/net.onnx");
  private static final double MAPS = 1e-5;

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("out.onnx");
  }

  private static Tensor scenes() throws IOException {
    List<Tensor> pictures = new ArrayList<>();
    for (String name : List.of("000", "002", "004")) {
      Path file = SHAPES.resolveSibling("samples/scene-" + name + ".png");
      pictures.add(Picture.read(file).toTensor().reshape(1, 96, 96, 3));
    }
    return Tensor.concat(pictures);
  }

  /** Runs a file; the outputs by their names. */
  private static Map<String, Tensor> run(Path file, Map<String, Tensor> feeds) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (OrtSession session = environment.createSession(file.toString())) {
      for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
        Tensor x = feed.getValue();
        long[] shape = Arrays.stream(x.shape()).asLongStream().toArray();
        inputs.put(
            feed.getKey(),
            x.type().isFloating()
                ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloatArray()), shape)
                : OnnxTensor.createTensor(environment, LongBuffer.wrap(x.toLongArray()), shape));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (Map.Entry<String, OnnxValue> entry : result) {
          OnnxTensor tensor = (OnnxTensor) entry.getValue();
          int[] shape =
              Arrays.stream(tensor.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
          outputs.put(
              entry.getKey(),
              tensor.getInfo().type == ai.onnxruntime.OnnxJavaType.INT64
                  ? Tensor.of(tensor.getLongBuffer().array(), shape)
                  : Tensor.of(tensor.getFloatBuffer().array(), shape));
        }
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
    return outputs;
  }

  private static void assertClose(Tensor expected, Tensor actual, String what) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    float[] values = expected.toFloatArray();
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0, what + " is zero everywhere");
    assertArrayEquals(values, actual.toFloatArray(), (float) (MAPS * largest), what);
  }

  private static String message(Class<? extends Throwable> type, Executable work) {
    return String.valueOf(assertThrows(type, work).getMessage());
  }

  private static Tensor of(Map<String, Tensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private static ModelProto proto(Path file) throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(file));
  }

  private static List<String> outputs(ModelProto model) {
    return model.getGraph().getOutputList().stream().map(output -> output.getName()).toList();
  }

  /** What a file for others has to be: one set of operators, nothing that nobody asks for. */
  private static void assertPlain(ModelProto model) {
    assertEquals(1, model.getOpsetImportCount());
    assertEquals("", model.getOpsetImport(0).getDomain());
    Set<String> read = new HashSet<>(outputs(model));
    Set<String> names = new HashSet<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      assertEquals("", node.getDomain());
      assertTrue(names.add(node.getName()), node.getName());
      read.addAll(node.getInputList());
    }
    for (NodeProto node : model.getGraph().getNodeList()) {
      assertTrue(node.getOutputList().stream().anyMatch(read::contains), "dead: " + node.getName());
    }
    model
        .getGraph()
        .getInitializerList()
        .forEach(
            tensor -> {
              assertTrue(read.contains(tensor.getName()), "dead: " + tensor.getName());
              assertEquals(0, tensor.getExternalDataCount(), tensor.getName());
            });
  }

  @Test
  void network_isThatOfTheModel() throws Exception {
    Tensor x = scenes();
    try (Model model = Model.load(SHAPES)) {
      model.export(file());
      ModelProto written = proto(file());
      assertPlain(written);
      assertEquals(9, written.getIrVersion());
      assertEquals(20, written.getOpsetImport(0).getVersion());
      String input = model.inputs().get(0).name();
      assertEquals(input, written.getGraph().getInput(0).getName());
      var sizes = written.getGraph().getInput(0).getType().getTensorType().getShape();
      assertEquals("batch", sizes.getDim(0).getDimParam());
      assertEquals(96, sizes.getDim(1).getDimValue());
      assertEquals(List.of(model.layers().get(model.layers().size() - 1).name()), outputs(written));
      Set<String> nodes = new HashSet<>();
      written.getGraph().getNodeList().forEach(node -> nodes.add(node.getName()));
      assertTrue(
          nodes.stream().anyMatch(name -> name.startsWith("stage3_block2_add")), nodes::toString);
      Tensor y = of(run(file(), Map.of(input, x)), outputs(written).get(0));
      assertClose(model.predict(x), y, "output");
      try (Model again = Model.load(file())) {
        assertClose(model.predict(x), again.predict(x), "read again");
        assertEquals("shapes.keras", again.metadata().get("keralens.source"));
        assertEquals(Version.current(), again.metadata().get("keralens.version"));
        assertEquals(64, again.metadata().getOrDefault("keralens.source_sha256", "").length());
      }
    }
  }

  static Stream<Method> formulas() {
    return Methods.byNames().values().stream()
        .map(Methods.Row::create)
        .filter(Formula.class::isInstance);
  }

  static Stream<Method> formulasOfAttention() {
    return formulas().filter(method -> OF_ATTENTION.contains(method.name()));
  }

  @ParameterizedTest
  @MethodSource("formulas")
  void maps_areThoseOfTheExplainer(Method method) throws Exception {
    assertMaps(SHAPES, scenes(), ExplainOptions.defaults(), method);
    Tensor x = Npy.read(TORCH.resolveSibling("x.npy"));
    assertMaps(TORCH, x, ExplainOptions.defaults().withResize(Resize.none()), method);
  }

  /** A vision transformer of Keras, with a class token. */
  @ParameterizedTest
  @MethodSource("formulasOfAttention")
  void maps_ofAttention(Method method) throws Exception {
    Path folder = Path.of("src/test/resources/golden/methods");
    Tensor x = Npy.read(folder.resolve("vit_keras_x.npy"));
    assertMaps(folder.resolve("vit_keras_class.keras"), x, ExplainOptions.defaults(), method);
  }

  @Test
  void passes_areRowsOfOneRun() throws Exception {
    ExplainOptions options =
        ExplainOptions.defaults().withResize(Resize.none()).withFilter(Filters::none);
    Tensor x = Npy.read(TORCH.resolveSibling("x.npy")).rows(0, 2);
    assertAllMaps(
        TORCH,
        x,
        options,
        ScoreCam.create(),
        ScoreCam.paper().maxChannels(3),
        IntegratedGradients.create().steps(3).rule(Rule.TRAPEZOID).baseline(0.5f),
        Occlusion.create().window(3).stride(2).baseline(1),
        Rise.create().masks(9).cells(3).baseline(0.4f),
        Smooth.of(GradCam.create()).repetitions(4).noise(0.3),
        Smooth.of(IntegratedGradients.create().steps(3)).repetitions(3).relativeNoise(0.2),
        Smooth.of(InputXGradient.create()).repetitions(4).form(Smooth.Form.SQUARE));
    assertAllMaps(
        SHAPES,
        scenes().rows(0, 2),
        ExplainOptions.defaults(),
        ScoreCam.create().maxChannels(5),
        ScoreCam.paper(),
        IntegratedGradients.create().steps(6),
        Occlusion.create().window(40).stride(33),
        Rise.create().masks(20).seed(3),
        Smooth.of(Gradients.create()).repetitions(5).relativeNoise(0.1),
        Smooth.of(Tta.of(HiResCam.create()).scales(0.5)).repetitions(2),
        Tta.of(GradCam.create()),
        Tta.of(Gradients.create()).scales(0.5, 1.25).flip(false),
        Tta.of(LayerCam.create()).scales(0.5).weigh(Tta.Weighing.RAW));
  }

  @Test
  void scales_shareWeights() throws Exception {
    long[] bytes = new long[2];
    Method[] methods = {GradCam.create(), Tta.of(GradCam.create()).scales(0.5, 0.75)};
    try (Model model = Model.load(SHAPES)) {
      for (int i = 0; i < bytes.length; i++) {
        try (Explainer explainer = Explainer.of(model, methods[i])) {
          explainer.export(file(), ExportOptions.defaults());
          bytes[i] = Files.size(file());
        }
      }
    }
    assertTrue(bytes[1] < 1.3 * bytes[0], () -> Arrays.toString(bytes));
  }

  @Test
  void variance_isThatOfTheExplainer() throws Exception {
    ExplainOptions options = ExplainOptions.defaults().withResize(Resize.none());
    Tensor x = Npy.read(TORCH.resolveSibling("x.npy"));
    Method method =
        Smooth.of(GradCam.create()).repetitions(4).noise(0.3).form(Smooth.Form.VARIANCE);
    assertAllMaps(TORCH, x, options, method);
  }

  /** All in one file, with the highest units. */
  private void assertAllMaps(Path source, Tensor x, ExplainOptions options, Method... methods)
      throws Exception {
    try (Model model = Model.load(source);
        Explainer explainer = Explainer.of(model, options, methods)) {
      explainer.export(file(), ExportOptions.defaults().withHighestUnits(2));
      assertPlain(proto(file()));
      Map<String, Tensor> found = run(file(), Map.of(model.inputs().get(0).name(), x));
      List<Explanation> why = explainer.explainAll(List.of(x), Units.top(2));
      List<String> names = found.keySet().stream().filter(n -> n.contains("_map")).toList();
      assertEquals(methods.length, names.size());
      for (int i = 0; i < methods.length; i++) {
        assertClose(why.get(i).maps(), of(found, names.get(i)), names.get(i));
      }
    }
  }

  /** With units given and found, of several images. */
  private void assertMaps(Path source, Tensor x, ExplainOptions options, Method method)
      throws Exception {
    try (Model model = Model.load(source);
        Explainer explainer = Explainer.of(model, options, method)) {
      String input = model.inputs().get(0).name();
      int images = x.size(0);
      Tensor units = Tensor.of(new long[] {1, 0}, 1, 2);
      Tensor each = UnitColumns.repeat(units, images);
      explainer.export(file(), ExportOptions.defaults().withUnitsGiven(2));
      assertPlain(proto(file()));
      Map<String, Tensor> given = run(file(), Map.of(input, x, "units", each));
      Explanation why = explainer.explain(x, Units.each(each));
      assertClose(why.maps(), of(given, "saliency_map"), method.name());
      assertClose(model.predict(x), given.values().iterator().next(), "the model's own output");

      explainer.export(file(), ExportOptions.defaults().withHighestUnits(2));
      Map<String, Tensor> found = run(file(), Map.of(input, x));
      Explanation top = explainer.explain(x, Units.top(2));
      assertArrayEquals(top.units().toLongArray(), of(found, "saliency_units").toLongArray());
      assertClose(top.maps(), of(found, "saliency_map"), method.name());
    } catch (UnsupportedModelException e) {
      // One needs a dense layer behind the pooling, the others attention of tokens.
      assertTrue(
          method.name().equals("cam") || OF_ATTENTION.contains(method.name()), e::getMessage);
      assertFalse(source.getFileName().toString().startsWith("vit"), e::getMessage);
    }
  }

  @Test
  void severalMethods_haveAnOutputEach() throws Exception {
    Tensor x = scenes();
    ExplainOptions options =
        ExplainOptions.defaults()
            .withLayers("stage3_block2_add", "stage3_block1_add")
            .withFilter(Filters::positiveNormalize);
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, options, GradCam.create(), Gradients.create())) {
      explainer.export(file(), ExportOptions.defaults().withHighestUnits(1));
      Map<String, Tensor> outputs = run(file(), Map.of(model.inputs().get(0).name(), x));
      List<Explanation> why = explainer.explainAll(List.of(x), Units.top(1));
      List<String> names =
          List.of(
              "saliency_map_gradcam_stage3_block2_add",
              "saliency_map_gradcam_stage3_block1_add",
              "saliency_map_gradients");
      for (int i = 0; i < names.size(); i++) {
        assertClose(why.get(i).maps(), of(outputs, names.get(i)), names.get(i));
      }
      Map<String, String> metadata = metadata(file());
      assertEquals("gradcam,gradients", metadata.get("keralens.methods"));
      assertEquals("stage3_block1_add", metadata.get("keralens." + names.get(1) + ".layer"));
      assertEquals("positive_normalize", metadata.get("keralens." + names.get(2) + ".filter"));
    }
  }

  private static Map<String, String> metadata(Path file) throws IOException {
    try (Model model = Model.load(file)) {
      return model.metadata();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 18, 19, 20, 21, 22, 23, 24})
  void opset_computesTheSame(int opset) throws Exception {
    Tensor x = scenes();
    ExplainOptions options = ExplainOptions.defaults().withResize(Resize.none());
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, options, GradCam.create())) {
      explainer.export(file(), ExportOptions.defaults().withOpset(opset).withHighestUnits(1));
      assertEquals(opset, proto(file()).getOpsetImport(0).getVersion());
      assertPlain(proto(file()));
      Tensor maps = of(run(file(), Map.of(model.inputs().get(0).name(), x)), "saliency_map");
      assertClose(explainer.explain(x).maps(), maps, "maps");
    }
  }

  @Test
  void opset_tooOldNamesTheOperator() throws Exception {
    try (Model model =
        SmallNetwork.model(
            (net, in) -> {
              KerasTensor x = in.get(0);
              return List.of(
                  net.layer(
                      "gelu",
                      "Activation",
                      x,
                      net.b.node(Op.GELU, Attributes.NONE, x.value()),
                      x.layout()));
            },
            new int[] {4})) {
      ExportOptions old = ExportOptions.defaults().withOpset(19);
      String message = message(UnsupportedModelException.class, () -> model.export(file(), old));
      assertTrue(message.contains("Gelu needs the operator set 20"), message);
      assertFalse(Files.exists(file()));
      model.export(file());
      Tensor x = Tensor.of(new float[] {-1, 0, 1, 2}, 1, 4);
      assertClose(
          model.predict(x),
          of(run(file(), Map.of("input0", x)), "gelu"),
          "the output is called as its layer");
    }
    assertThrows(
        IllegalArgumentException.class, () -> ExportOptions.defaults().withOpset(16).opset());
  }

  @Test
  void files_ofOthersStay() throws Exception {
    Files.writeString(file(), "somebody's");
    try (Model model = Model.load(SHAPES)) {
      assertThrows(FileAlreadyExistsException.class, () -> model.export(file()));
      assertEquals("somebody's", Files.readString(file()));
      Files.copy(TORCH, folder.resolve("torch.onnx"));
      assertThrows(
          FileAlreadyExistsException.class, () -> model.export(folder.resolve("torch.onnx")));
      model.export(file(), ExportOptions.defaults().withReplacing(true));
      byte[] first = Files.readAllBytes(file());
      model.export(file()); // ours now
      assertArrayEquals(first, Files.readAllBytes(file()));
      Path nowhere = folder.resolve("none/out.onnx");
      String message = message(IOException.class, () -> model.export(nowhere));
      assertTrue(message.contains("there is no folder"), message);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void source_isNeverOverwrittenAndIsAsItWas() throws Exception {
    Path copy = Files.copy(TORCH, folder.resolve("model.onnx"));
    try (Model model = Model.load(copy)) {
      ExportOptions any = ExportOptions.defaults().withReplacing(true);
      assertThrows(IllegalArgumentException.class, () -> model.export(copy, any));
      model.export(file());
      Files.write(copy, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
      String message = message(InvalidModelException.class, () -> model.export(file()));
      assertTrue(message.contains("has changed since"), message);
    }
  }

  @Test
  void onnx_keepsItsNames() throws Exception {
    try (Model model = Model.load(TORCH)) {
      model.export(file());
      ModelProto before = proto(TORCH);
      assertEquals(outputs(before), outputs(proto(file())));
      assertEquals(before.getGraph().getInput(0).getName(), model.inputs().get(0).name());
      assertEquals(
          before.getGraph().getInput(0).getName(), proto(file()).getGraph().getInput(0).getName());
    }
  }

  @Test
  void externalData_isBesides() throws Exception {
    Tensor x = scenes();
    try (Model model = Model.load(SHAPES)) {
      ExportOptions besides = ExportOptions.defaults().withExternalData(true);
      model.export(file(), besides);
      assertTrue(Files.size(folder.resolve("out.onnx.data")) > Files.size(file()));
      String output = outputs(proto(file())).get(0);
      Tensor y = of(run(file(), Map.of(model.inputs().get(0).name(), x)), output);
      assertClose(model.predict(x), y, "output");
      model.export(file(), besides); // ours
      Files.delete(file());
      assertThrows(FileAlreadyExistsException.class, () -> model.export(file(), besides));
    }
  }

  @Test
  void explainers_thatAFileCannotHoldAreRefused() throws Exception {
    try (Model model = Model.load(SHAPES)) {
      for (Method method : List.of(Rise.create(), Smooth.of(Gradients.create()).repetitions(600))) {
        assertRefused(model, ExplainOptions.defaults(), method, "times for each image");
      }
      Method nested = Smooth.of(IntegratedGradients.create()).repetitions(11);
      assertRefused(model, ExplainOptions.defaults(), nested, "11 times over");
      ExplainOptions java = ExplainOptions.defaults().withFilter(Filter.of(map -> map));
      assertRefused(model, java, GradCam.create(), "Java function");
      try (Explainer explainer = Explainer.of(model, GradCam.create())) {
        assertThrows(
            IllegalArgumentException.class,
            () -> explainer.export(file(), ExportOptions.defaults().withHighestUnits(1000)));
        explainer.export(file(), ExportOptions.defaults());
      }
    }
    try (Model exported = Model.load(file())) {
      assertRefused(exported, ExplainOptions.defaults(), GradCam.create(), "exported explainer");
    }
  }

  private void assertRefused(Model model, ExplainOptions options, Method method, String why) {
    Path target = folder.resolve("refused.onnx");
    try (Explainer explainer = Explainer.of(model, options, method)) {
      String message =
          message(
              UnsupportedModelException.class,
              () -> explainer.export(target, ExportOptions.defaults()));
      assertTrue(message.contains(why), message);
    }
    assertFalse(Files.exists(target));
  }

  @ParameterizedTest
  @EnumSource(Preprocessing.class)
  void preprocessing_isInTheFile(Preprocessing preprocessing) throws Exception {
    Tensor pixels = scenes();
    ExportOptions options =
        ExportOptions.defaults()
            .withEmbeddedPreprocessing(preprocessing)
            .withHighestUnits(1)
            .withReplacing(true);
    ExplainOptions plain = ExplainOptions.defaults().withFilter(Filters::none);
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, plain, GradCam.create())) {
      explainer.export(file(), options);
      assertPlain(proto(file()));
      String input = model.inputs().get(0).name();
      Map<String, Tensor> outputs = run(file(), Map.of(input, pixels));
      Tensor x = preprocessing.apply(pixels);
      assertClose(model.predict(x), outputs.values().iterator().next(), "output");
      assertClose(explainer.explain(x).maps(), of(outputs, "saliency_map"), "maps");
      explainer.check(file(), options).forEach((name, by) -> assertTrue(by < 1e-5, name + by));
      assertTrue(
          metadata(file())
              .getOrDefault("keralens.preprocessing", "")
              .contains("--preprocess " + preprocessing.label()));
      Set<String> nodes = new HashSet<>();
      proto(file()).getGraph().getNodeList().forEach(node -> nodes.add(node.getName()));
      assertTrue(nodes.stream().anyMatch(name -> name.startsWith("stage3_block2_add")));
    }
  }

  @Test
  void preprocessing_needsPictures() throws Exception {
    try (Model model = SmallNetwork.model((net, in) -> List.of(in.get(0)), new int[] {4})) {
      ExportOptions options = ExportOptions.defaults().withEmbeddedPreprocessing(Preprocessing.TF);
      String message =
          message(UnsupportedModelException.class, () -> model.export(file(), options));
      assertTrue(message.contains("takes no pictures"), message);
      assertFalse(Files.exists(file()));
    }
  }

  @Test
  void halfWeights_areHalfTheFile() throws Exception {
    ExportOptions whole = ExportOptions.defaults();
    ExportOptions half = whole.withHalfWeights(true);
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, GradCam.create())) {
      explainer.export(file(), whole);
      long bytes = Files.size(file());
      explainer.check(file(), whole).forEach((name, by) -> assertTrue(by < 1e-5, name + by));
      explainer.export(file(), half);
      assertTrue(Files.size(file()) < 0.6 * bytes);
      Map<String, Double> differences = explainer.check(file(), half);
      differences.forEach((name, by) -> assertTrue(by < 0.05, name + by));
      assertTrue(differences.values().stream().anyMatch(by -> by > 1e-5), differences::toString);
      try (Model again = Model.load(file())) {
        assertEquals("half precision", again.metadata().get("keralens.weights"));
        assertTrue(ExportedExplainer.is(again));
      }
    }
  }

  @Test
  void exportedExplainer_givesItsMaps() throws Exception {
    Tensor x = scenes();
    try (Model model = Model.load(SHAPES);
        Explainer explainer = Explainer.of(model, GradCam.create(), Gradients.create())) {
      explainer.export(file(), ExportOptions.defaults().withUnitsGiven(2));
      try (ExportedExplainer exported = ExportedExplainer.of(Model.load(file()))) {
        assertClose(model.predict(x), exported.model().predict(x), "the model alone");
        for (Units units : List.of(Units.of(1, 0, 2), Units.top(1), Units.top(4))) {
          List<Explanation> want = explainer.explainAll(List.of(x), units);
          List<Explanation> got = exported.explainAll(List.of(x), units);
          assertEquals(2, got.size());
          for (int i = 0; i < 2; i++) {
            assertArrayEquals(want.get(i).units().toLongArray(), got.get(i).units().toLongArray());
            assertClose(want.get(i).maps(), got.get(i).maps(), "maps");
            assertClose(want.get(i).outputs(), got.get(i).outputs(), "outputs");
            assertEquals(want.get(i).explained(), got.get(i).explained());
          }
        }
      }
      explainer.export(file(), ExportOptions.defaults().withHighestUnits(2));
      try (ExportedExplainer exported = ExportedExplainer.of(Model.load(file()))) {
        assertClose(
            explainer.explainAll(List.of(x), Units.top(1)).get(1).maps(),
            exported.explainAll(List.of(x), Units.top(1)).get(1).maps(),
            "the highest");
        String message =
            message(
                IllegalArgumentException.class, () -> exported.explainAll(List.of(x), Units.of(1)));
        assertTrue(message.contains("the 2 highest"), message);
      }
    }
  }

  /** Some versions of ONNX Runtime pool the padding of a file away. */
  @Test
  void zerosBeforeAPooling_stayZeros() throws Exception {
    int[] window = {3, 3};
    try (Model model =
        SmallNetwork.model(
            (net, in) -> {
              KerasTensor x = in.get(0);
              Value first = net.b.transpose(x.value(), 0, 3, 1, 2);
              int[] sides = {0, 0, 1, 1};
              Value padded = net.b.pad(first, sides, sides);
              Attributes attributes =
                  Attributes.NONE.with("kernel_shape", window).with("strides", new int[] {2, 2});
              Value pooled = net.b.node(Op.MAX_POOL, attributes, padded);
              return List.of(net.layer("pool", "MaxPooling2D", x, pooled, Layout.CHANNELS_MOVED));
            },
            new int[] {4, 4, 1})) {
      float[] below = new float[16];
      Arrays.fill(below, -1);
      Tensor x = Tensor.of(below, 1, 4, 4, 1);
      for (int opset : new int[] {17, 18, 20, 24}) {
        model.export(file(), ExportOptions.defaults().withOpset(opset));
        Tensor y = of(run(file(), Map.of("input0", x)), "pool");
        assertArrayEquals(new float[] {0, 0, 0, -1}, y.toFloatArray(), "opset " + opset);
      }
    }
  }

  @Test
  void openSizes_areSaid() throws Exception {
    try (Model model = open()) {
      String message = message(IllegalArgumentException.class, () -> model.export(file()));
      assertTrue(message.contains("--size"), message);
      model.export(
          file(), ExportOptions.defaults().withShapes(List.of(Shape.of(Shape.BATCH, 5, 6, 2))));
      Tensor x = random(2, 5, 6, 2);
      assertClose(model.predict(x), of(run(file(), Map.of("input0", x)), "relu"), "output");
    }
  }

  private static Model open() {
    float[] kernel = random(1, 3 * 2 * 3 * 3).toFloatArray();
    Model closed =
        SmallNetwork.model(
            (net, in) ->
                List.of(
                    net.relu(
                        "relu", net.convolution("conv", in.get(0), kernel, new float[3], 3, 3))),
            new int[] {5, 6, 2});
    return Model.of(
        "open",
        new NetworkSource() {
          @Override
          public List<InputSpec> inputs() {
            List<@Nullable Integer> sizes = Arrays.asList(null, null, 2);
            return List.of(new InputSpec("input0", ElementType.FLOAT32, sizes));
          }

          @Override
          public Network network(List<Shape> shapes) {
            return closed.network(shapes);
          }
        });
  }

  private static Tensor random(int... sizes) {
    Random random = new Random(4);
    float[] values = new float[Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.4f;
    }
    return Tensor.of(values, sizes);
  }
}
