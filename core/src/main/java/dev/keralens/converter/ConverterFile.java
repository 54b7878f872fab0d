package dev.keralens.converter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.converter.ImageConverter.Scaling;
import dev.keralens.converter.Resampling.Kernel;
import dev.keralens.keras.hub.argument.HubArguments;
import dev.keralens.keras.storage.Architecture;
import dev.keralens.keras.storage.FileRegion;
import dev.keralens.keras.storage.ModelFiles;
import dev.keralens.keras.storage.ZipArchive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Finds an image converter among a model's files.
 *
 * <pre>
 * archive = config.json { "config": { "preprocessor": { "config": { "image_converter": .. } } } }
 * preset  = [ preprocessor.json { "config": { "image_converter": .. } } ] [ image_converter.json ]
 * </pre>
 */
final class ConverterFile {
  private static final String CONVERTER = "image_converter";

  /** The converters of the families that are read; others have steps of their own. */
  private static final Set<String> FAMILIES =
      Set.of(
          "",
          "CLIP",
          "CSPNet",
          "DFine",
          "DINOV2",
          "DINOV3",
          "DeepLabV3",
          "DeiT",
          "DenseNet",
          "EfficientNet",
          "HGNetV2",
          "MiT",
          "MobileNet",
          "MobileNetV5",
          "ResNet",
          "RetinaNet",
          "SAM",
          "SegFormer",
          "SigLIP",
          "SwinTransformer",
          "VGG",
          "ViT",
          "ViTDet",
          "Xception");

  private static final List<String> TASKS =
      List.of(
          "ImageClassifierPreprocessor",
          "ImageSegmenterPreprocessor",
          "ObjectDetectorPreprocessor");

  /** Those that have a text too, whose settings say nothing of pictures. */
  private static final Set<String> WITH_TEXT = Set.of("CLIPPreprocessor", "SigLIPPreprocessor");

  private ConverterFile() {}

  static Optional<ImageConverter> find(Path model) throws IOException {
    return Files.isDirectory(model)
        ? find(model, ModelFiles.in(model))
        : archive(model, FileRegion.of(model));
  }

  static Optional<ImageConverter> find(String name, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return archive(Path.of(name), FileRegion.of(name, buffer));
  }

  private static Optional<ImageConverter> archive(Path model, FileRegion file) throws IOException {
    return ZipArchive.isZip(file) ? find(model, ZipArchive.open(file)) : Optional.empty();
  }

  private static Optional<ImageConverter> find(Path model, ModelFiles files) throws IOException {
    Optional<ObjectNode> preset = json(model, files, "preprocessor.json");
    if (preset.isPresent()) {
      return ofPreprocessor(model, preset.get());
    }
    Optional<ObjectNode> single = json(model, files, CONVERTER + ".json");
    if (single.isPresent()) {
      return Optional.of(converter(model, single.get()));
    }
    Optional<ObjectNode> config = json(model, files, "config.json");
    JsonNode task = config.map(root -> root.path("config").path("preprocessor")).orElse(null);
    return task == null ? Optional.empty() : ofPreprocessor(model, task);
  }

  private static Optional<ObjectNode> json(Path path, ModelFiles files, String name)
      throws IOException {
    return files
        .entry(name, Architecture.MAX_BYTES)
        .map(file -> Architecture.parse(path + ": " + name, file.bytes(0, file.size())));
  }

  private static Optional<ImageConverter> ofPreprocessor(Path file, JsonNode preprocessor) {
    JsonNode converter = preprocessor.path("config").path(CONVERTER);
    String name = name(preprocessor);
    HubArguments arguments = arguments(file, preprocessor, name);
    boolean known = TASKS.stream().anyMatch(name::endsWith);
    if (!converter.isObject()) {
      if (preprocessor.isObject() && !known && !preprocessor.path("config").has("tokenizer")) {
        throw arguments.unsupported("this preprocessor is not read.");
      }
      return Optional.empty();
    }
    if (!known && !WITH_TEXT.contains(name)) {
      throw arguments.unsupported("this preprocessor of pictures is not read.");
    }
    if (known) {
      arguments.common();
      // The mask is what a task learns from.
      arguments.skip(CONVERTER, "config_file", "resize_output_mask");
      arguments.finish();
    }
    return Optional.of(converter(file, converter));
  }

  private static String name(JsonNode envelope) {
    String registered = envelope.path("registered_name").asText("");
    String name = registered.isEmpty() ? envelope.path("class_name").asText("") : registered;
    return name.substring(name.indexOf('>') + 1);
  }

  private static HubArguments arguments(Path file, JsonNode envelope, String name) {
    return new HubArguments(file.toString(), name, envelope.path("config"));
  }

  private static ImageConverter converter(Path file, JsonNode envelope) {
    String name = name(envelope);
    HubArguments a = arguments(file, envelope, name);
    String suffix = "ImageConverter";
    if (!name.endsWith(suffix)
        || !FAMILIES.contains(name.substring(0, name.length() - suffix.length()))) {
      throw a.unsupported("this converter of pictures is not read.");
    }
    a.common();
    a.channelsLast();
    a.skip("bounding_box_format");
    boolean crops = a.flag("crop_to_aspect_ratio", true);
    boolean pads = a.flag("pad_to_aspect_ratio", false);
    if (crops && pads) {
      throw a.invalid("it both crops and pads.");
    }
    String interpolation =
        a.find("interpolation") == null
            ? "bilinear"
            : a.choice("interpolation", "bilinear", "nearest", "bicubic", "lanczos3", "lanczos5");
    Kernel kernel = Kernel.valueOf(interpolation.toUpperCase(Locale.ROOT));
    Resampling resampling = new Resampling(kernel, a.flag("antialias", false));
    int[] size = {0, 0};
    if (a.find("image_size") != null) {
      size = a.pair("image_size");
    } else if (a.find("height") != null && a.find("width") != null) {
      size = new int[] {a.integer("height"), a.integer("width")};
    }
    Scaling scaling = scaling(a);
    a.finish();
    return new ImageConverter(new Framing(crops, pads, resampling), scaling, size[0], size[1]);
  }

  /** A mean and a variance are what earlier files have in place of a scale for each channel. */
  private static Scaling scaling(HubArguments a) {
    float[] factors = numbers(a, "scale");
    if (a.find("mean") == null || a.find("variance") == null) {
      return new Scaling(factors, numbers(a, "offset"));
    }
    float[] mean = numbers(a, "mean");
    float[] variance = numbers(a, "variance");
    if (factors.length != 1 || mean.length != variance.length) {
      throw a.invalid("with a mean and a variance it has one scale.");
    }
    float[] scaled = new float[mean.length];
    float[] summands = new float[mean.length];
    for (int i = 0; i < mean.length; i++) {
      scaled[i] = (float) (factors[0] / Math.sqrt(variance[i]));
      summands[i] = (float) (-mean[i] / Math.sqrt(variance[i]));
    }
    return new Scaling(scaled, summands);
  }

  private static float[] numbers(HubArguments a, String key) {
    JsonNode value = a.find(key);
    if (value == null) {
      return new float[0];
    }
    List<Double> all = a.oneOrMore(key, 0);
    float[] numbers = new float[all.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = all.get(i).floatValue();
    }
    return numbers;
  }
}
