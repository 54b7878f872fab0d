package dev.keralens.web;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.objective.Objective;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The shapes model, fed with pixels of 0 to 255 as it takes them. */
record ShapesModel(Model model) implements PageModel {
  static final Path FOLDER = Path.of("../models/shapes");
  static final List<String> NAMES = names();

  static ShapesModel open() throws IOException {
    return new ShapesModel(Model.load(FOLDER.resolve("shapes.keras")));
  }

  private static List<String> names() {
    try {
      return Arrays.stream(
              Files.readString(FOLDER.resolve("classes.json"))
                  .replaceAll("[\\[\\]\"\\s]", "")
                  .split(",", -1))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A sample scene, by its place among all. */
  static Path sceneFile(int number) throws IOException {
    try (Stream<Path> files = Files.list(FOLDER.resolve("samples"))) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches("scene-\\d+\\.png"))
          .sorted()
          .skip(number)
          .findFirst()
          .orElseThrow();
    }
  }

  static byte[] scene(int number) throws IOException {
    return Files.readAllBytes(sceneFile(number));
  }

  @Override
  public String given() {
    return "shapes.keras";
  }

  @Override
  public String options() {
    return "";
  }

  @Override
  public String sha256() {
    return "";
  }

  @Override
  public Objective objective() {
    return Objective.logits();
  }

  @Override
  public String unitName(int unit) {
    return NAMES.get(unit);
  }

  @Override
  public boolean hasNames() {
    return true;
  }

  @Override
  public Shape shape() {
    return Shape.of(Shape.BATCH, 96, 96, 3);
  }

  @Override
  public boolean takesPictures() {
    return true;
  }

  @Override
  public String preprocessing() {
    return "none";
  }

  @Override
  public Read read(byte[] content, String name, long mostPixels) throws IOException {
    ImageLoader loader = ImageLoader.create().maxPixels(mostPixels);
    Picture picture = loader.read(content, name);
    Tensor x = loader.size(96, 96).apply(picture).toTensor().reshape(1, 96, 96, 3);
    return new Read(picture, x);
  }

  @Override
  public Tensor ofPixels(float value) {
    float[] all = new float[96 * 96 * 3];
    Arrays.fill(all, value);
    return Tensor.of(all, 1, 96, 96, 3);
  }

  @Override
  public void close() {
    model.close();
  }
}
