package dev.keralens.explain;

import dev.keralens.filter.Filter;
import java.util.List;
import java.util.Optional;

/**
 * A way to explain what a network sees: for each image and unit, a map of where the evidence lies.
 *
 * <p>A method is either a {@link Formula}, operators that are added to the network's graph once, or
 * an {@link Ensemble}, a plan of passes over changed inputs. Both are open to methods of your own.
 */
public sealed interface Method permits Formula, Ensemble {
  /** {@return what is said of the method} */
  Info info();

  /** {@return the name, as on the command line} */
  default String name() {
    return info().name();
  }

  /** {@return the name as papers write it, for captions} */
  default String title() {
    return info().title();
  }

  /** {@return the filter that is usual for its maps} */
  default Filter usualFilter() {
    return info().filter();
  }

  /**
   * {@return whether the maps are made of a layer's activations, so that naming a layer makes
   * sense}
   */
  default boolean explainsActivations() {
    return info().explainsActivations();
  }

  /**
   * {@return the settings that have a name, in the order of a form; by default none}. A seed, a
   * baseline and pieces are not among them where the method has {@code Seeded}, {@code
   * FromBaseline} or {@code InPieces}
   */
  default List<MethodOption> options() {
    return List.of();
  }

  /**
   * {@return the setting of a name, where the method has it}
   *
   * @param name as on the command line, without dashes
   */
  default Optional<MethodOption> option(String name) {
    return options().stream().filter(option -> option.name().equals(name)).findFirst();
  }

  /**
   * {@return whether it lays what it makes of an activation over the input itself, whatever size
   * its maps are left in; by default not}
   */
  default boolean laysOverInput() {
    return false;
  }
}
