package dev.keralens.inspect;

import dev.keralens.graph.Node;
import dev.keralens.graph.Op;
import dev.keralens.graph.Value;
import dev.keralens.network.Layer;
import dev.keralens.network.Network;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which nodes of a network mix features with weights that it learned. */
final class LearnedWeights {
  private static final Set<Op> MIXING =
      Set.of(Op.CONV, Op.CONV_TRANSPOSE, Op.MAT_MUL, Op.GEMM, Op.EINSUM);

  /** Layers and nodes whose products have fixed numbers: resampling, poolings, spectra. */
  private static final Pattern FIXED =
      Pattern.compile(
          ".*(Resiz|Resample|Upsampl|UpSampl|Pooling|Pool$|Crop|Random|Rescal|Zoom|Rotat|Warp|Affine"
              + "|Spectrogram|STFT|Stft|DFT|Fft|Mel|Blur|ZeroPadding).*|Pad|Resize|GridSample");

  private final Set<Value> computed = new HashSet<>();
  private final Map<String, Layer> layers = new HashMap<>();

  LearnedWeights(Network network) {
    computed.addAll(network.graph().inputs());
    for (Node node : network.graph().nodes()) {
      if (node.inputs().stream().anyMatch(computed::contains)) {
        computed.addAll(node.outputs());
      }
    }
    network.layers().forEach(layer -> layers.put(layer.name(), layer));
  }

  /** {@return whether a node weighs its first input's features, or words, with learned weights} */
  boolean applies(Node node) {
    boolean looksUp =
        node.op() == Op.GATHER && !computed.contains(node.input(0)) && node.input(0).rank() == 2;
    if (!looksUp && !MIXING.contains(node.op())) {
      return false;
    }
    boolean constant = false;
    for (Value value : node.inputs()) {
      constant |= value != null && !computed.contains(value);
    }
    Layer owner = owner(node.output().name());
    return constant && (owner == null || !FIXED.matcher(owner.className()).matches());
  }

  /** Whether a node multiplies two values that are both computed, as attention does. */
  boolean multipliesValues(Node node) {
    return (node.op() == Op.MAT_MUL || node.op() == Op.EINSUM)
        && node.inputs().stream().filter(computed::contains).count() > 1;
  }

  private @Nullable Layer owner(String value) {
    for (int end = value.length(); end > 0; end = value.lastIndexOf('/', end - 1)) {
      Layer layer = layers.get(value.substring(0, end));
      if (layer != null) {
        return layer;
      }
    }
    return null;
  }
}
