package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.keralens.Model;
import dev.keralens.inspect.ActivationChoice;
import dev.keralens.inspect.Logits;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.keras.model.KerasModel;
import dev.keralens.network.Network;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is explained of every published network, with its top and with four heads of a user: the
 * layer that ends its features, by parity/published/make_activations.py. Only graphs are built.
 */
class UsualActivationOfApplicationsTest {
  private static final List<String> HEADS =
      List.of("global pooling", "average pooling and flatten", "flatten", "convolution");

  /** A line of the file. */
  record Row(String network, String withTop, String withoutTop) {
    @Override
    public String toString() {
      return network;
    }
  }

  static List<Row> rows() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            UsualActivationOfApplicationsTest.class.getResourceAsStream(
                "/golden/published/activations.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\\|", -1))
          .map(words -> new Row(words[0], words[1], words[2]))
          .toList();
    }
  }

  private static String explained(Network network, int output) {
    Logits logits = Logits.of(network, output);
    ActivationChoice choice = ActivationChoice.of(logits.network(), logits.tensor(), 0);
    return assertInstanceOf(ActivationChoice.Found.class, choice, choice.reason()).name();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void withTop(Row row) {
    Application application =
        Applications.of(row.network())
            .weights(ApplicationWeights.random(0))
            .inputShape(128, 128, 3);
    try (Model model =
        Model.of(row.network(), KerasModel.initialize(application.definition(), 0))) {
      assertEquals(row.withTop(), explained(model.network(), 0));
      assertEquals(row.withTop(), Objects.requireNonNull(model.summary().activation()).name());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void withoutTop_andHeads(Row row) {
    Entry entry =
        Objects.requireNonNull(ApplicationTable.ENTRIES.get(Applications.of(row.network()).name()));
    Options options = new Options();
    options.includeTop = false;
    ModelBuilder b = ModelBuilder.create("model");
    SymbolicTensor x = entry.architecture().build(b, b.input(128, 128, 3), options);
    SymbolicTensor pooled = b.globalAveragePooling2d().name("head_gap").apply(x);
    SymbolicTensor average = b.averagePooling2d(2).name("head_average").apply(x);
    SymbolicTensor map = b.conv2d(5, 1).name("head_conv").apply(x);
    try (Model model =
        Model.of(
            row.network(),
            KerasModel.initialize(
                b.build(
                    b.dense(5).activation("softmax").apply(pooled),
                    b.dense(5).apply(b.flatten().apply(average)),
                    b.dense(5).apply(b.dropout(0.5).apply(b.flatten().apply(x))),
                    b.activation("softmax").apply(b.globalAveragePooling2d().apply(map)),
                    map),
                0))) {
      Network network = model.network();
      for (int i = 0; i < HEADS.size(); i++) {
        assertEquals(row.withoutTop(), explained(network, i), HEADS.get(i));
      }
      assertEquals(row.withoutTop(), explained(network, HEADS.size()), "map");
    }
  }
}
