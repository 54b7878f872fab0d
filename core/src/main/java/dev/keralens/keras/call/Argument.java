package dev.keralens.keras.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.keralens.network.KerasTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a layer is called with, or what a model takes and gives: tensors and literals, in lists and
 * dictionaries. In a topology the tensors are references to what layers give; once these are built,
 * they are the tensors themselves.
 */
public sealed interface Argument {
  /** Python's None. */
  JsonNode NONE = NullNode.getInstance();

  /** {@return a part of the file, its lists as lists of arguments} */
  static Argument of(JsonNode json) {
    if (!json.isArray()) {
      return new Literal(json);
    }
    List<Argument> items = new ArrayList<>();
    json.forEach(item -> items.add(of(item)));
    return new Items(items);
  }

  /** {@return the single values in it, in Keras' order: those of a dictionary by key} */
  Stream<Argument> leaves();

  /** {@return the same structure with every reference replaced} */
  Argument replace(Function<Reference, Argument> replacement);

  /** {@return the tensors in it, in Keras' order} */
  default Stream<KerasTensor> tensors() {
    return leaves().filter(Single.class::isInstance).map(leaf -> ((Single) leaf).tensor());
  }

  /** {@return the references in it, in Keras' order} */
  default Stream<Reference> references() {
    return leaves().filter(Reference.class::isInstance).map(Reference.class::cast);
  }

  /** A tensor. */
  record Single(KerasTensor tensor) implements Argument {
    @Override
    public Stream<Argument> leaves() {
      return Stream.of(this);
    }

    @Override
    public Argument replace(Function<Reference, Argument> replacement) {
      return this;
    }
  }

  /**
   * A tensor that a layer gives.
   *
   * @param layer the layer's name in its model
   * @param node which call of the layer, as the file counts
   * @param index which of the call's tensors
   */
  record Reference(String layer, int node, int index) implements Argument {
    @Override
    public Stream<Argument> leaves() {
      return Stream.of(this);
    }

    @Override
    public Argument replace(Function<Reference, Argument> replacement) {
      return replacement.apply(this);
    }
  }

  /** A number, text, truth value or null of the file; or a serialized object that is no tensor. */
  record Literal(JsonNode json) implements Argument {
    @Override
    public Stream<Argument> leaves() {
      return Stream.of(this);
    }

    @Override
    public Argument replace(Function<Reference, Argument> replacement) {
      return this;
    }
  }

  /** A list or tuple. */
  record Items(List<Argument> items) implements Argument {
    public Items {
      items = List.copyOf(items);
    }

    @Override
    public Stream<Argument> leaves() {
      return leavesOf(items);
    }

    @Override
    public Argument replace(Function<Reference, Argument> replacement) {
      return new Items(items.stream().map(item -> item.replace(replacement)).toList());
    }
  }

  /** A dictionary, by key. */
  record Entries(Map<String, Argument> entries) implements Argument {
    public Entries {
      entries = Collections.unmodifiableMap(new TreeMap<>(entries));
    }

    @Override
    public Stream<Argument> leaves() {
      return leavesOf(entries.values());
    }

    @Override
    public Argument replace(Function<Reference, Argument> replacement) {
      return new Entries(
          entries.entrySet().stream()
              .collect(
                  Collectors.toMap(Map.Entry::getKey, e -> e.getValue().replace(replacement))));
    }
  }

  private static Stream<Argument> leavesOf(Collection<Argument> arguments) {
    return arguments.stream().flatMap(Argument::leaves);
  }
}
