package dev.keralens.explain;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Network;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How the tokens of a transformer lie over the picture: as the places of the convolution that cuts
 * it into patches.
 */
public final class PatchGrid {
  /**
   * So many tokens may stand before those of the picture: class and distillation tokens, registers.
   */
  private static final int MOST_BEFORE = 8;

  private PatchGrid() {}

  /**
   * {@return the size of each axis; empty where no convolution of the input has as many places, or
   * as many less a few tokens that a concatenation puts before them}
   *
   * @param network the network
   * @param input the explained input
   * @param tokens how many tokens there are
   */
  public static List<Integer> find(Network network, KerasTensor input, int tokens) {
    int axes = input.places().length;
    Set<Value> ofInput = new HashSet<>(List.of(input.value()));
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().noneMatch(v -> v != null && ofInput.contains(v))) {
        continue;
      }
      Value output = node.output();
      if (node.op() == Op.CONV && output.rank() == axes + 2 && axes > 1) {
        int[] places = Arrays.copyOfRange(output.shape().sizes(), 2, output.rank());
        int count = Arrays.stream(places).reduce(1, Math::multiplyExact);
        if (count > 1
            && (count == tokens
                || (count < tokens
                    && tokens - count <= MOST_BEFORE
                    && isPutLast(network, output, tokens, count)))) {
          return Arrays.stream(places).boxed().toList();
        }
      }
      ofInput.addAll(node.outputs());
    }
    return List.of();
  }

  /** Whether what is made of the patches is the last input of a concatenation to all tokens. */
  private static boolean isPutLast(Network network, Value patches, int tokens, int count) {
    Set<Value> ofPatches = new HashSet<>(List.of(patches));
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().noneMatch(v -> v != null && ofPatches.contains(v))) {
        continue;
      }
      ofPatches.addAll(node.outputs());
      if (node.op() == Op.CONCAT && ofPatches.contains(node.input(node.inputs().size() - 1))) {
        List<Value> inputs = node.inputs();
        int axis = Math.floorMod(node.attributes().getInt("axis", 0), node.output().rank());
        if (node.output().shape().size(axis) == tokens
            && inputs.get(inputs.size() - 1).shape().size(axis) == count) {
          return true;
        }
      }
    }
    return false;
  }
}
