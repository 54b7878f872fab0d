package dev.keralens.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * A sample scene of the embedded model.
 *
 * @param name what its file is called
 * @param mask (height, width): the number of the object that is visible at each pixel, else 0
 * @param objects what it shows
 */
record Scene(String name, Picture picture, Tensor mask, List<Thing> objects) {
  /**
   * An object.
   *
   * @param kind its kind, one of the model's classes
   * @param value its number in the mask
   */
  record Thing(String kind, int value) {}

  private static final String FOLDER = "shapes/";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The content of a file of {@code models/shapes}, which is packed into the jar. */
  static byte[] resource(String name) throws IOException {
    try (InputStream in = Scene.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new FileNotFoundException(
            "This build of Keralens lacks models/shapes/%s, which the demo needs.".formatted(name));
      }
      return in.readAllBytes();
    }
  }

  /** All sample scenes. */
  static List<Scene> samples() throws IOException {
    ImageLoader rgb = ImageLoader.create();
    List<Scene> scenes = new ArrayList<>();
    for (JsonNode scene : JSON.readTree(resource("samples/samples.json")).path("scenes")) {
      String picture = scene.path("picture").asText();
      String mask = scene.path("mask").asText();
      List<Thing> objects = new ArrayList<>();
      scene
          .path("objects")
          .forEach(o -> objects.add(new Thing(o.path("kind").asText(), o.path("value").asInt())));
      scenes.add(
          new Scene(
              picture.replace(".png", ""),
              rgb.read(resource("samples/" + picture), picture),
              mask(resource("samples/" + mask)),
              List.copyOf(objects)));
    }
    return scenes;
  }

  /** The numbers of a palette's colours, (height, width), which are those of the objects. */
  private static Tensor mask(byte[] content) throws IOException {
    Raster raster = ImageIO.read(new ByteArrayInputStream(content)).getRaster();
    int height = raster.getHeight();
    int width = raster.getWidth();
    float[] numbers = raster.getSamples(0, 0, width, height, 0, new float[height * width]);
    return Tensor.of(numbers, height, width);
  }

  /** The kinds that the scene shows, each once. */
  Set<String> kinds() {
    Set<String> kinds = new LinkedHashSet<>();
    objects.forEach(object -> kinds.add(object.kind()));
    return kinds;
  }

  /** Whether the largest element of a map lies on a visible part of an object of a kind. */
  boolean isHit(Tensor map, String kind) {
    Set<Integer> values = new HashSet<>();
    objects.stream().filter(o -> o.kind().equals(kind)).forEach(o -> values.add(o.value()));
    float[] elements = map.toFloatArray();
    int best = 0;
    for (int i = 1; i < elements.length; i++) {
      best = elements[i] > elements[best] ? i : best;
    }
    int width = map.size(1);
    return elements[best] > 0 && values.contains((int) mask.get(best / width, best % width));
  }
}
