package dev.keralens;

import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.network.search.Embedded;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The vectors that an embedding makes of words, as an input of their own. Words are numbers of rows
 * and have none between them; their vectors can be changed little by little. So methods that go
 * from a baseline to the input, as Integrated Gradients, or add noise to it, explain {@link #model}
 * for its last input:
 *
 * <pre>{@code
 * try (WordVectors words = WordVectors.of(model, 0);
 *     Explainer explainer =
 *         Explainer.of(
 *             words.model(),
 *             ExplainOptions.defaults().withInputs(words.input()),
 *             IntegratedGradients.create().baseline(words.vectors(List.of(padding))))) {
 *   Explanation why = explainer.explainAll(words.inputs(List.of(ids)), Units.top(1)).get(0);
 *   System.out.println(why.maps()); // (batch, words, units)
 * }
 * }</pre>
 *
 * <p>Maps have a number for each word: the sum over the features of its vector.
 */
public final class WordVectors implements AutoCloseable {
  private final Model vectors;
  private final Model model;

  private WordVectors(Model vectors, Model model) {
    this.vectors = vectors;
    this.model = model;
  }

  /**
   * {@return the vectors of one of a model's inputs} The model stays open, and must be while these
   * are used.
   *
   * @param model the model
   * @param input the position of the input whose words are looked up, from 0
   * @throws dev.keralens.graph.UnsupportedModelException when it is first used, if not one
   *     embedding reads the input
   */
  public static WordVectors of(Model model, int input) {
    return new WordVectors(
        model.expose(network -> List.of(embedded(network, input))),
        model.replacing(network -> embedded(network, input)));
  }

  private static KerasTensor embedded(Network network, int input) {
    KerasTensor words = network.inputs().get(input);
    KerasTensor found = Embedded.of(network.graph(), words);
    if (found.equals(words)) {
      throw new UnsupportedModelException(
          "The input '%s' (%s) is used as it is, and not looked up by an embedding."
              .formatted(words.value().name(), words.shape()));
    }
    return found;
  }

  /** {@return the model that takes the model's inputs and, as the last one, the vectors} */
  public Model model() {
    return model;
  }

  /** {@return the position of the vectors among the inputs of {@link #model}} */
  public int input() {
    return model.inputs().size() - 1;
  }

  /**
   * {@return the vectors of words, (batch, words, features)}
   *
   * @param inputs what the model takes
   */
  public Tensor vectors(List<Tensor> inputs) {
    return vectors.predict(inputs, ExplainOptions.defaults()).get(0);
  }

  /**
   * {@return what {@link #model} takes: the inputs, and the vectors of the words}
   *
   * @param inputs what the model takes
   */
  public List<Tensor> inputs(List<Tensor> inputs) {
    List<Tensor> all = new ArrayList<>(inputs);
    all.add(vectors(inputs));
    return all;
  }

  @Override
  public void close() {
    vectors.close();
    model.close();
  }
}
