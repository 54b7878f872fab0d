package dev.keralens.tokenize;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
  private final boolean front;
  private final int standIn;
  private final Map<String, Tensor> arrays;

  /**
   * A text.
   *
   * @param standIn the number of the token that stands in for a word that is hidden
   */
  Sentence(List<Token> tokens, int used, boolean front, int standIn, Map<String, Tensor> arrays) {
    this.standIn = standIn;
    this.tokens = tokens;
    this.used = used;
    this.front = front;
    this.arrays = arrays;
  }

  /** {@return the same text with its padding before it, as Keras' pad_sequences has it} */
  public Sentence paddedInFront() {
    List<Token> turned = new ArrayList<>(tokens.subList(used, tokens.size()));
    turned.addAll(tokens());
    Map<String, Tensor> rows = new LinkedHashMap<>();
    arrays.forEach((name, array) -> rows.put(name, turned(array)));
    return new Sentence(turned, used, true, standIn, rows);
  }

  private Tensor turned(Tensor row) {
    long[] values = row.toLongArray();
    long[] turned = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[(i + values.length - used) % values.length] = values[i];
    }
    return Tensor.of(turned, 1, values.length);
  }

  /**
   * {@return where a token lies in the arrays}
   *
   * @param token its place in {@link #tokens()}
   */
  public int place(int token) {
    return front ? tokens.size() - used + token : token;
  }

  /** {@return the tokens without padding, with those that the preprocessor adds} */
  public List<Token> tokens() {
    return front ? tokens.subList(tokens.size() - used, tokens.size()) : tokens.subList(0, used);
  }

  /** {@return how many tokens the model gets, with padding} */
  public int length() {
    return tokens.size();
  }

  /**
   * {@return the arrays for a model's inputs, one each, (1, length), of the type that each takes}
   *
   * @param model the model's inputs, of which one is of tokens
   * @throws IllegalArgumentException if the model has an input that is not made of a text
   */
  public List<Tensor> inputs(List<InputSpec> model) {
    if (model.size() == 1) {
      return List.of(typed(ids(), model.get(0).type()));
    }
    List<Tensor> inputs = new ArrayList<>();
    for (InputSpec input : model) {
      inputs.add(typed(input(input.name(), model), input.type()));
    }
    return inputs;
  }

  private static Tensor typed(Tensor row, ElementType type) {
    if (type == ElementType.FLOAT32) {
      return Tensor.of(row.toFloatArray(), row.shape());
    } else if (type != ElementType.INT32) {
      return row;
    }
    ByteBuffer data = ByteBuffer.allocate(4 * row.elements()).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : row.toLongArray()) {
      data.putInt(Math.toIntExact(value));
    }
    return Tensor.wrap(type, data.flip(), row.shape());
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

  /**
   * {@return the tokens' numbers with all words hidden, as real numbers (1, length): each word is
   * the mask token, of a vocabulary that has none padding. What the preprocessor adds stays}
   */
  public Tensor hidden() {
    return hidden(standIn);
  }

  /**
   * {@return the tokens' numbers with all words hidden, as {@link #hidden()}}
   *
   * @param number the token that stands in for each word
   */
  public Tensor hidden(int number) {
    float[] row = ids().toFloatArray();
    for (int i = 0; i < tokens().size(); i++) {
      if (!tokens().get(i).special()) {
        row[place(i)] = number;
      }
    }
    return Tensor.of(row, 1, row.length);
  }

  /** {@return the tokens' numbers, (1, length)} */
  public Tensor ids() {
    long[] ids = tokens.stream().mapToLong(Token::id).toArray();
    return Tensor.of(ids, 1, ids.length);
  }
}
