package dev.keralens.explain.run;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a method is prepared for.
 *
 * @param objective what is explained, in the network at the size of its inputs
 * @param activation the activation whose channels make up the maps; null where there is none
 * @param input the input that gradients are taken with respect to, by its position
 * @param units how many units are explained of each image
 * @param highest whether these are the highest ones, not given with each batch
 * @param byPlace whether units are given for each place of the target, not for each image
 * @param filter what is applied to each map
 * @param size the size that maps are resized to; null for the method's own
 * @param tokens how the places of an activation with one spatial axis lie over the input: the size
 *     of each axis, the last varying fastest; empty where they are in a row
 * @param runtime how graphs are compiled and run
 * @param others of a method that explains several layers at once, the settings of those after the
 *     first
 */
public record Setting(
    ResolvedObjective objective,
    @Nullable KerasTensor activation,
    int input,
    int units,
    boolean highest,
    boolean byPlace,
    Filter filter,
    @Nullable List<Integer> size,
    List<Integer> tokens,
    RuntimeOptions runtime,
    List<Setting> others) {
  /**
   * {@return this setting of a method that explains more layers}
   *
   * @param more the settings of the other layers
   */
  public Setting withOthers(List<Setting> more) {
    return new Setting(
        objective,
        activation,
        input,
        units,
        highest,
        byPlace,
        filter,
        size,
        tokens,
        runtime,
        List.copyOf(more));
  }

  /** {@return the network} */
  public Network network() {
    return objective.network();
  }

  /** {@return what is explained: the logits, or another value} */
  public KerasTensor target() {
    return objective.target();
  }

  /** {@return the model's output for the same units; the target where nothing comes after it} */
  KerasTensor output() {
    return objective.output();
  }

  /** {@return the axis of the target, as Keras shows it, along which its units lie} */
  int unitAxis() {
    return objective.unitAxis().axis();
  }

  /** {@return what a unit is weighted with at each place of the target; null for 1 everywhere} */
  @Nullable Tensor region() {
    return objective.region();
  }

  /** {@return this setting for the method's own maps: neither filtered nor resized} */
  public Setting raw() {
    return new Setting(
        objective,
        activation,
        input,
        units,
        highest,
        byPlace,
        Filters::none,
        null,
        tokens,
        runtime,
        others.stream().map(Setting::raw).toList());
  }

  /** {@return this setting with the units given with each batch} */
  public Setting withUnitsGiven() {
    return withUnitsGiven(units);
  }

  /**
   * {@return this setting with so many units given with each batch}
   *
   * @param count how many units are explained of each image
   */
  Setting withUnitsGiven(int count) {
    return new Setting(
        objective,
        activation,
        input,
        count,
        false,
        byPlace,
        filter,
        size,
        tokens,
        runtime,
        others.stream().map(other -> other.withUnitsGiven(count)).toList());
  }
}
