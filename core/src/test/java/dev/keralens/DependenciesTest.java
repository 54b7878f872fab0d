package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we rely on is there, loads on this machine, and fits together. */
class DependenciesTest {
  /** A newer version sends telemetry: see DECISIONS.md. */
  @Test
  void onnxRuntime_loadsItsNativeLibrary() {
    assertTrue(OrtEnvironment.getAvailableProviders().contains(OrtProvider.CPU));
    assertEquals("1.28.0", OrtEnvironment.getEnvironment().getVersion());
  }

  @Test
  void onnxClasses_surviveSerialization() throws Exception {
    OnnxMl.ModelProto model =
        OnnxMl.ModelProto.newBuilder().setIrVersion(8).setProducerName("keralens").build();
    assertEquals(model, OnnxMl.ModelProto.parseFrom(model.toByteArray()));
  }

  @Test
  void jackson_readsJson() throws Exception {
    assertEquals(3, new ObjectMapper().readTree("{\"a\": [1, 2, 3]}").get("a").size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg", "bmp", "gif", "tiff"})
  void imageIo_readsFormat(String format) {
    List<String> readers =
        Stream.of(ImageIO.getReaderFormatNames()).map(String::toLowerCase).distinct().toList();
    assertTrue(readers.contains(format), () -> format + " is not among " + readers);
  }
}
