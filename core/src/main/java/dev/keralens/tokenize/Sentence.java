package dev.keralens.tokenize;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A text as a model takes it: its tokens in a row, and the inputs that are made of them.
 *
 * <p>A map over an input of {@link #inputs} has a value for each token, in their order; padding is
 * at the end.
 */
public final class Sentence {
  private final List<Token> tokens;
  private final int used;
  private final Map<String, Tensor> arrays;

  Sentence(List<Token> tokens, int used, Map<String, Tensor> arrays) {
    this.tokens = tokens;
    this.used = used;
    this.arrays = arrays;
  }

  /** {@return the tokens without padding, with those that the preprocessor adds} */
  public List<Token> tokens() {
    return tokens.subList(0, used);
  }

  /** {@return how many tokens the model gets, with padding} */
  public int length() {
    return tokens.size();
  }

  /**
   * {@return the arrays for a model's inputs, one each, (1, length)}
   *
   * @param model the model's inputs, of which one is of tokens
   * @throws IllegalArgumentException if the model has an input that is not made of a text
   */
  public List<Tensor> inputs(List<InputSpec> model) {
    if (model.size() == 1) {
      return List.of(ids());
    }
    List<Tensor> inputs = new ArrayList<>();
    for (InputSpec input : model) {
      inputs.add(input(input.name(), model));
    }
    return inputs;
  }

  private Tensor input(String name, List<InputSpec> model) {
    Tensor array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          "The model's input '%s' is not made of a text, which gives %s. The model's inputs are %s."
              .formatted(name, arrays.keySet(), model.stream().map(InputSpec::name).toList()));
    }
    return array;
  }

  /** {@return the names of the arrays that a text gives} */
  public Set<String> names() {
    return arrays.keySet();
  }

  /** {@return the tokens' numbers, (1, length)} */
  public Tensor ids() {
    long[] ids = tokens.stream().mapToLong(Token::id).toArray();
    return Tensor.of(ids, 1, ids.length);
  }
}
