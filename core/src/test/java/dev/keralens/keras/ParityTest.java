package dev.keralens.keras;

import dev.keralens.network.Network;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The four models of {@code parity}, as HDF5 and as archive, against what Keras predicts. */
class ParityTest {
  private static Path model(String name, String file) {
    return Golden.resource("parity/" + name).resolve(file);
  }

  @ParameterizedTest
  @CsvSource({
    "conv_mix, model.h5",
    "conv_mix, model.keras",
    "residual, model.h5",
    "residual, model.keras",
    "flatten, model.h5",
    "flatten, model.keras",
    "nested, model.h5",
    "nested, model.keras"
  })
  void predict_matchesKeras(String name, String file) throws IOException {
    Network network = Golden.network(model(name, file));
    Tensor logits = Golden.run(network, Golden.npy(model(name, "x.npy"))).get(0);
    Golden.assertClose(Golden.npy(model(name, "logits.npy")), logits, 1e-5, name);
  }
}
