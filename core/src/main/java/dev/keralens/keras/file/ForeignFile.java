package dev.keralens.keras.file;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.FileRegion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Files of other programs, which people have in hand: what each is, and what to do with it.
 *
 * <p>To add one: a row in {@link #FILES} or {@link #ZIPS}, and a line in {@code ForeignFileTest}.
 */
final class ForeignFile {
  private static final int HEAD = 512;
  private static final String TO_ONNX = "convert it to ONNX: ";
  private static final String FROM_TORCH =
      "make the module in Python, load it there, and write ONNX: torch.onnx.export(module.eval(),"
          + " (example,), 'model.onnx')";
  private static final String FROM_CHECKPOINT =
      "give the model, as a file or as the JSON of model.to_json(), and these as its --weights (in"
          + " Java LoadOptions.withWeights)";
  private static final String LIST_OF_LAYERS =
      "it holds weights without the layers; make the model in Python, load them there, and save it"
          + " whole: model.save('model.keras'), or torch.onnx.export";

  /**
   * The beginning and the end of a file.
   *
   * @param text its first bytes as Latin-1
   * @param end its last eight bytes as Latin-1
   * @param name its name in lower case
   * @param size its size
   */
  private record Head(String text, String end, String name, long size) {
    boolean begins(String start) {
      return text.startsWith(start);
    }

    boolean isAt(int place, String what) {
      return text.startsWith(what, place);
    }

    boolean isNamed(String... endings) {
      return List.of(endings).stream().anyMatch(name::endsWith);
    }
  }

  /** A kind of file that is told by its beginning, end or name. */
  private record Kind(Predicate<Head> is, String what, String way) {}

  /** A kind of zip file that is told by the names in it. */
  private record ZipKind(Predicate<Collection<String>> is, String what, String way) {}

  private static final List<Kind> FILES =
      List.of(
          new Kind(
              head -> head.isAt(4, "TFL3"),
              "a TensorFlow Lite model",
              TO_ONNX + "python -m tf2onnx.convert --tflite model.tflite --output model.onnx"),
          new Kind(ForeignFile::isSafetensors, "a file of weights (safetensors)", LIST_OF_LAYERS),
          new Kind(
              head -> head.end.equals("W\u00fb\u0080\u008b$uG\u00db"),
              "the index of a TensorFlow checkpoint, weights without a model",
              FROM_CHECKPOINT),
          new Kind(
              head -> head.name.matches(".*\\.data-\\d+-of-\\d+"),
              "a part of a TensorFlow checkpoint, weights without a model",
              FROM_CHECKPOINT + "; name the .index file beside it"),
          new Kind(
              head -> head.begins("model_checkpoint_path:"),
              "the list of a folder of TensorFlow checkpoints",
              FROM_CHECKPOINT),
          new Kind(
              head -> head.begins("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019"),
              "a PyTorch file (torch.save before 1.6)",
              FROM_TORCH),
          new Kind(
              head -> head.text.matches("(?s)\u0080[\u0002-\u0005].*"),
              "a Python pickle, which may hold anything and is never run",
              "load it in Python and save the model there: model.save('model.keras'), or"
                  + " torch.onnx.export"),
          new Kind(
              head -> head.isNamed(".mlmodel"),
              "a Core ML model",
              "save the model that it was converted from, in Keras or as ONNX"),
          new Kind(
              ForeignFile::isGraph,
              "a frozen TensorFlow graph (GraphDef)",
              TO_ONNX
                  + "python -m tf2onnx.convert --graphdef frozen.pb --inputs NAME:0 --outputs"
                  + " NAME:0 --output model.onnx"),
          new Kind(
              head -> head.isNamed(".weights") && head.text.matches("(?s)\0{4}[\1\2\5]\0{3}.*"),
              "a file of Darknet's weights",
              "convert it with its .cfg to Keras or ONNX, for instance with a YOLO converter"),
          new Kind(
              head -> head.begins("[net]"),
              "a configuration of Darknet",
              "convert it with its .weights to Keras or ONNX"),
          new Kind(
              head -> head.isNamed(".caffemodel", ".prototxt"),
              "a Caffe model",
              "convert it to ONNX, for instance with caffe2onnx"),
          new Kind(
              head -> head.isNamed(".xml") && head.text.contains("<net "),
              "an OpenVINO model",
              "save the model that it was converted from, in Keras or as ONNX"),
          new Kind(
              head -> head.begins("GGUF"),
              "a GGUF file",
              "it holds a language model; save the model that it was converted from"),
          new Kind(
              head -> head.begins("\u0093NUMPY"),
              "a NumPy array, not a model",
              "give it as the input, and the model with --model"),
          new Kind(
              head -> head.begins("{") && head.text.contains("\"modelTopology\""),
              "a TensorFlow.js model",
              "convert it back: tensorflowjs_converter --input_format=tfjs_layers_model"
                  + " --output_format=keras model.json model.h5"),
          new Kind(
              head -> head.begins("{") && head.text.contains("\"format\": \"graph-model\""),
              "a TensorFlow.js graph model",
              "save the model that it was converted from, in Keras or as ONNX"));

  private static final List<ZipKind> ZIPS =
      List.of(
          new ZipKind(
              names -> contains(names, ".*/code/.*|.*constants\\.pkl"),
              "a TorchScript or torch.export archive",
              FROM_TORCH),
          new ZipKind(
              names -> contains(names, "(.*/)?data\\.pkl"),
              "a PyTorch file (torch.save)",
              FROM_TORCH),
          new ZipKind(
              names -> contains(names, "(.*/)?keras_model\\.h5"),
              "an archive of Teachable Machine",
              "unpack it and give keras_model.h5 in it (its input wants --preprocess tf; labels.txt"
                  + " goes to --classes)"),
          new ZipKind(
              names -> contains(names, ".*\\.mlmodel|(.*/)?com\\.apple\\.CoreML/.*"),
              "a Core ML model",
              "save the model that it was converted from, in Keras or as ONNX"),
          new ZipKind(
              names -> contains(names, "(.*/)?model\\.json") && contains(names, ".*\\.bin"),
              "an archive of a TensorFlow.js model",
              "export the model as Keras (.h5) in Teachable Machine, or unpack it and convert it"
                  + " back: tensorflowjs_converter --input_format=tfjs_layers_model"
                  + " --output_format=keras model.json model.h5"),
          new ZipKind(
              names -> contains(names, ".*\\.tflite"),
              "an archive of a TensorFlow Lite model",
              "export the model as Keras (.h5) in Teachable Machine, or unpack it and convert it to"
                  + " ONNX: python -m tf2onnx.convert --tflite model.tflite --output model.onnx"),
          new ZipKind(
              names -> contains(names, ".*\\.npy"),
              "an archive of NumPy arrays (.npz), not a model",
              "load the arrays in Python as the weights of the model, and save it whole"),
          new ZipKind(
              names -> contains(names, "(.*/)?saved_model\\.pb|.*\\.(keras|h5|hdf5|onnx)"),
              "an archive around a model",
              "unpack it and give what is in it"));

  private ForeignFile() {}

  private static boolean contains(Collection<String> names, String pattern) {
    return names.stream().anyMatch(name -> name.matches(pattern));
  }

  /** Refuses a file of a known kind. */
  static void refuse(Path path, FileRegion region) {
    Head head = head(path, region);
    FILES.stream()
        .filter(kind -> kind.is.test(head))
        .findFirst()
        .ifPresent(
            kind -> {
              throw refusal(path, kind.what, kind.way);
            });
  }

  /** Refuses a zip file of a known kind. */
  static void refuseZip(Path path, Collection<String> names) {
    ZIPS.stream()
        .filter(kind -> kind.is.test(names))
        .findFirst()
        .ifPresent(
            kind -> {
              throw refusal(path, kind.what, kind.way);
            });
  }

  /** Refuses a folder of a known kind. */
  static void refuseFolder(Path folder) {
    Optional<String> weights =
        List.of("model.safetensors", "pytorch_model.bin").stream()
            .filter(name -> Files.exists(folder.resolve(name)))
            .findFirst();
    if (weights.isPresent()) {
      throw refusal(folder, "a folder of Hugging Face with " + weights.get(), FROM_TORCH);
    }
    if (Files.exists(folder.resolve("Manifest.json")) && Files.exists(folder.resolve("Data"))) {
      throw refusal(
          folder, "a Core ML package", "save the model that it was converted from, or its ONNX");
    }
    Path topology = folder.resolve("model.json");
    if (Files.isRegularFile(topology)) {
      throw refusal(
          folder,
          "a folder of TensorFlow.js",
          "convert it back: tensorflowjs_converter --input_format=tfjs_layers_model"
              + " --output_format=keras model.json model.h5");
    }
    if (Files.exists(folder.resolve("checkpoint"))) {
      throw refusal(folder, "a folder of TensorFlow checkpoints", FROM_CHECKPOINT);
    }
  }

  private static UnsupportedModelException refusal(Path path, String what, String way) {
    return new UnsupportedModelException(
        "%s is %s, which is not read; %s.".formatted(path, what, way));
  }

  private static Head head(Path path, FileRegion region) {
    long size = region.size();
    return new Head(
        latin(region.bytes(0, Math.min(HEAD, size))),
        latin(region.bytes(Math.max(0, size - 8), Math.min(8, size))),
        String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT),
        size);
  }

  private static String latin(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return new String(copy, StandardCharsets.ISO_8859_1);
  }

  /** The length of a JSON object in eight bytes, then that. */
  private static boolean isSafetensors(Head head) {
    if (!head.isAt(8, "{\"")) {
      return false;
    }
    long length = 0;
    for (int i = 7; i >= 0; i--) {
      length = (length << 8) | head.text.charAt(i);
    }
    return length > 0 && length <= head.size - 8;
  }

  /** A node in a graph (field 1), its name (1), and its operator (2), a word. */
  private static boolean isGraph(Head head) {
    String text = head.text;
    int at = 1;
    while (at < 6 && at < text.length() && text.charAt(at) >= 0x80) {
      at++;
    }
    int name = at + 1;
    if (!text.startsWith("\n") || name + 2 > text.length() || text.charAt(name) != '\n') {
      return false;
    }
    int op = name + 2 + text.charAt(name + 1);
    if (op + 2 > text.length() || text.charAt(op) != 0x12) {
      return false;
    }
    int end = op + 2 + text.charAt(op + 1);
    return end <= text.length() && text.substring(op + 2, end).matches("[A-Z]\\w+");
  }
}
