package dev.keralens.keras.call;

import dev.keralens.network.KerasTensor;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call of a layer.
 *
 * @param positional by position; the first is what the layer is applied to
 * @param named by name
 */
public record CallArguments(List<Argument> positional, Map<String, Argument> named) {
  public CallArguments {
    positional = List.copyOf(positional);
    named = Map.copyOf(named);
  }

  /** {@return a call with one argument} */
  public static CallArguments of(Argument argument) {
    return new CallArguments(List.of(argument), Map.of());
  }

  /** {@return a call with one tensor} */
  public static CallArguments of(KerasTensor tensor) {
    return of(new Argument.Single(tensor));
  }

  /** {@return what the layer is applied to} */
  public Argument first() {
    if (!positional.isEmpty()) {
      return positional.get(0);
    }
    for (String name : List.of("inputs", "x", "xs", "input")) {
      Argument argument = named.get(name);
      if (argument != null) {
        return argument;
      }
    }
    return new Argument.Items(List.of());
  }

  /** {@return an argument by position, or else by name; null where there is neither} */
  public @Nullable Argument get(int position, String name) {
    return position >= 0 && position < positional.size()
        ? positional.get(position)
        : named.get(name);
  }

  /** {@return whether a named argument is given and true} */
  public boolean flag(String name) {
    return named.get(name) instanceof Argument.Literal literal && literal.json().asBoolean(false);
  }

  /** {@return all arguments but the first} */
  public Stream<Argument> others() {
    Argument first = first();
    return Stream.of(positional, named.values())
        .flatMap(Collection::stream)
        .filter(argument -> argument != first);
  }

  /** {@return what all arguments read} */
  public Stream<Argument.Reference> references() {
    return Stream.of(positional, named.values())
        .flatMap(Collection::stream)
        .flatMap(Argument::references);
  }

  /** {@return the same call with every reference replaced} */
  public CallArguments replace(Function<Argument.Reference, Argument> replacement) {
    return new CallArguments(
        positional.stream().map(argument -> argument.replace(replacement)).toList(),
        named.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().replace(replacement))));
  }
}
