package dev.keralens.keras.file;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.LoadOptions;
import dev.keralens.Model;
import dev.keralens.graph.UnsupportedModelException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of other programs are called by their kind, and the way to a model is said. */
class ForeignFileTest {
  @TempDir Path folder;

  private void assertRefused(Path path, String kind, String way) {
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> Model.load(path)).getMessage());
    assertTrue(message.startsWith(path + " is "), message);
    assertTrue(message.contains(kind), message);
    assertTrue(message.contains(way), message);
  }

  /** In a text, {@code \x80} is a byte. */
  private static byte[] bytes(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      boolean hex = text.startsWith("\\x", i);
      out.append(hex ? (char) Integer.parseInt(text.substring(i + 2, i + 4), 16) : text.charAt(i));
      i += hex ? 3 : 0;
    }
    return out.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model.tflite | \\x1c\\x00\\x00\\x00TFL3\\x14\\x00 | TensorFlow Lite | tf2onnx.convert --tflite",
        "renamed.keras | \\x1c\\x00\\x00\\x00TFL3\\x14\\x00 | TensorFlow Lite | tf2onnx.convert --tflite",
        "m.safetensors | \\x0a\\x00\\x00\\x00\\x00\\x00\\x00\\x00{\"a\": 1 } 1234 | safetensors | model.save",
        "ckpt.index | \\x00\\x00\\x06\\x08W\\xfb\\x80\\x8b$uG\\xdb | checkpoint | --weights",
        "ckpt.data-00000-of-00001 | 1234 | checkpoint | .index",
        "checkpoint | model_checkpoint_path: \"c\" | checkpoints | --weights",
        "old.pth | \\x80\\x02\\x8a\\x0al\\xfc\\x9cF\\xf9 j\\xa8P\\x19. | PyTorch | torch.onnx.export",
        "model.pkl | \\x80\\x04\\x95\\x01\\x00 | pickle | model.save",
        "m.mlmodel | \\x08\\x04\\x12\\x05abc | Core ML | ONNX",
        "frozen.pb | \\x0a\\x60\\x0a\\x01x\\x12\\x0bPlaceholder* | frozen TensorFlow | --graphdef",
        "yolo.weights | \\x00\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x00\\x00 | Darknet | .cfg",
        "yolo.cfg | [net] | Darknet | .weights",
        "bvlc.caffemodel | \\x0a\\x03abc | Caffe | ONNX",
        "net.prototxt | name: \"LeNet\" | Caffe | ONNX",
        "ov.xml | <?xml version=\"1.0\"?><net name=\"n\"> | OpenVINO | ONNX",
        "llama.gguf | GGUF\\x03 | GGUF | language model",
        "x.npy | \\x93NUMPY\\x01\\x00 | NumPy array | --model",
        "model.json | {\"format\": \"layers-model\", \"modelTopology\": {}} | TensorFlow.js | tensorflowjs_converter",
      })
  void load_namesTheKindAndTheWay(String name, String content, String kind, String way)
      throws IOException {
    assertRefused(Files.write(folder.resolve(name), bytes(content)), kind, way);
  }

  @ParameterizedTest
  @CsvSource({
    "converted_keras.zip,keras_model.h5,labels.txt,Teachable Machine,unpack it",
    "model.pt,archive/data.pkl,archive/version,PyTorch,torch.onnx.export",
    "script.pt,m/code/__torch__.py,m/data.pkl,TorchScript,torch.onnx.export",
    "tfjs.zip,model.json,weights.bin,TensorFlow.js,tensorflowjs_converter",
    "lite.zip,model_unquant.tflite,labels.txt,TensorFlow Lite,Teachable Machine",
    "weights.npz,arr_0.npy,arr_1.npy,NumPy,save it whole",
    "saved.zip,model/saved_model.pb,model/variables/variables.index,around a model,unpack it",
    "model.zip,best.keras,notes.txt,around a model,unpack it"
  })
  void load_namesTheKindOfArchives(String name, String one, String two, String kind, String way)
      throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(path);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String entry : new String[] {one, two}) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write('x');
      }
    }
    assertRefused(path, kind, way);
  }

  @ParameterizedTest
  @CsvSource({
    "model.safetensors,Hugging Face,torch.onnx.export",
    "model.json,TensorFlow.js,tensorflowjs_converter",
    "checkpoint,checkpoints,--weights"
  })
  void load_namesTheKindOfFolders(String file, String kind, String way) throws IOException {
    Files.writeString(folder.resolve(file), "{}");
    Files.writeString(folder.resolve("config.json"), "{\"architectures\": [\"ResNet\"]}");
    assertRefused(folder, kind, way);
  }

  @Test
  void load_prefixOfACheckpoint() throws IOException {
    Files.write(
        folder.resolve("ckpt.index"), bytes("\\x00\\x00\\x06\\x08W\\xfb\\x80\\x8b$uG\\xdb"));
    assertRefused(folder.resolve("ckpt"), "checkpoint", "--weights");
  }

  @Test
  void load_weightsOfOtherPrograms() throws IOException {
    Path architecture =
        Files.writeString(
            folder.resolve("model.json"), "{\"class_name\": \"Sequential\", \"config\": []}");
    Path weights = Files.write(folder.resolve("w.pkl"), bytes("\\x80\\x04\\x95\\x01\\x00"));
    LoadOptions options = LoadOptions.defaults().withWeights(weights);
    String message =
        String.valueOf(
            assertThrows(UnsupportedModelException.class, () -> Model.load(architecture, options))
                .getMessage());
    assertTrue(message.contains("w.pkl is a Python pickle"), message);
  }
}
