package dev.keralens.keras.layer;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.Weight;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.keras.call.WeightLists;
import dev.keralens.keras.call.WindowPadding;
import dev.keralens.keras.function.MathFunctions;
import dev.keralens.keras.weights.WeightPart;
import dev.keralens.network.KerasTensor;
import java.util.List;

/** Short-time Fourier transforms: convolutions with cosines and sines. */
final class SpectrogramLayers {
  /** Keras' {@code backend.epsilon()}. */
  private static final float EPSILON = 1e-7f;

  private SpectrogramLayers() {}

  static List<WeightPart> stftWeights(LayerConfig config) {
    return switch (config.text("mode", "log")) {
      case "real" -> WeightLists.trainable("real_kernel");
      case "imag" -> WeightLists.trainable("imag_kernel");
      default -> WeightLists.trainable("real_kernel", "imag_kernel");
    };
  }

  /** The transform of each channel of a signal; the window is part of the kernels. */
  static KerasTensor stft(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    if (x.rank() != 3) {
      throw new IllegalArgumentException(
          "it takes (batch, time, channels), got %s.".formatted(x.shape()));
    }
    if (!layer.isChannelsFirst()) {
      x = graph.transpose(x, 0, 2, 1);
    }
    int batch = x.shape().size(0);
    int channels = x.shape().size(1);
    int time = x.shape().size(2);
    Value signals = graph.reshape(x, Shape.of(Math.multiplyExact(batch, channels), 1, time));
    Value out = mode(layer, signals);
    int bins = out.shape().size(1);
    int frames = out.shape().size(2);
    Value each = graph.reshape(out, Shape.of(batch, channels, bins, frames));
    return KerasTensor.plain(arranged(layer, each));
  }

  /** (batch, channels, bins, frames) in the order that the layer gives. */
  private static Value arranged(LayerCall layer, Value x) {
    GraphBuilder graph = layer.graph();
    boolean last = !layer.isChannelsFirst();
    if (layer.config().flag("expand_dims", false)) {
      return last ? graph.transpose(x, 0, 3, 2, 1) : graph.transpose(x, 0, 1, 3, 2);
    }
    Shape shape = x.shape();
    Value flat =
        graph.reshape(x, Shape.of(shape.size(0), shape.size(1) * shape.size(2), shape.size(3)));
    return last ? graph.transpose(flat, 0, 2, 1) : flat;
  }

  private static Value mode(LayerCall layer, Value signals) {
    GraphBuilder graph = layer.graph();
    String mode = layer.config().text("mode", "log");
    if (mode.equals("real") || mode.equals("imag")) {
      return convolved(layer, signals, mode + "_kernel");
    }
    Value real = convolved(layer, signals, "real_kernel");
    Value imaginary = convolved(layer, signals, "imag_kernel");
    if (mode.equals("angle")) {
      return MathFunctions.arctan2(graph, imaginary, real);
    }
    if (mode.equals("stft")) {
      return graph.concat(1, List.of(real, imaginary));
    }
    Value power = graph.add(graph.mul(real, real), graph.mul(imaginary, imaginary));
    if (mode.equals("psd")) {
      return graph.mul(power, graph.constant(Spectra.onesAndTwos(power.shape().size(1))));
    }
    Value magnitude = graph.node(Op.SQRT, graph.max(power, graph.scalar(EPSILON)));
    return switch (mode) {
      case "magnitude" -> magnitude;
      case "log" -> graph.node(Op.LOG, graph.max(magnitude, graph.scalar(EPSILON)));
      default ->
          throw layer
              .config()
              .wrong("mode", "'log', 'magnitude', 'psd', 'real', 'imag', 'angle' or 'stft'");
    };
  }

  private static Value convolved(LayerCall layer, Value signals, String weight) {
    int length = layer.config().integer("frame_length", 256);
    int step = layer.config().integer("frame_step", length / 2);
    WindowPadding window =
        WindowPadding.of(
            layer,
            new int[] {signals.shape().size(2)},
            new int[] {length},
            new int[] {step},
            new int[] {1});
    Weight waves = ConvolutionLayers.outputsFirst(layer.weight(weight));
    Value kernel = layer.graph().constant("waves", waves.constant().fixed());
    return layer.graph().node(Op.CONV, window.attributes(), signals, kernel);
  }

  /**
   * The mel spectrogram of a signal (batch, time), as (batch, mel bins, frames).
   *
   * <p>Keras bounds decibels from below by the loudest value of the whole batch minus {@code
   * top_db}; here it is the loudest of the same signal, so that a result does not depend on what
   * else is in the batch. For a batch of one they are equal.
   */
  static KerasTensor mel(LayerCall layer) {
    GraphBuilder graph = layer.graph();
    Value x = layer.plain(layer.input());
    if (x.rank() != 2) {
      throw new IllegalArgumentException("it takes (batch, time), got %s.".formatted(x.shape()));
    }
    Spectra spectra = Spectra.of(layer);
    int time = x.shape().size(1);
    Value padded =
        graph.node(Op.GATHER, Attributes.of("axis", 1), x, graph.ints(spectra.reflected(time)));
    Value signals = graph.unsqueeze(padded, 1);
    Attributes window =
        WindowPadding.valid(
                new int[] {spectra.fftLength()}, new int[] {spectra.stride()}, new int[] {1})
            .attributes();
    Value real = graph.node(Op.CONV, window, signals, graph.fixed(spectra.cosines()));
    Value imaginary = graph.node(Op.CONV, window, signals, graph.fixed(spectra.sines()));
    Value power = graph.add(graph.mul(real, real), graph.mul(imaginary, imaginary));
    double exponent = layer.config().number("mag_exp", 2);
    if (exponent != 2) {
      power = graph.node(Op.POW, power, graph.scalar((float) (exponent / 2)));
    }
    Value mel = graph.matMul(graph.fixed(spectra.melMatrix()), power);
    return KerasTensor.plain(layer.config().flag("power_to_db", true) ? decibels(layer, mel) : mel);
  }

  private static Value decibels(LayerCall layer, Value mel) {
    GraphBuilder graph = layer.graph();
    double least = layer.config().number("min_power", 1e-10);
    double reference = Math.max(Math.abs(layer.config().number("ref_power", 1)), least);
    Value bounded = graph.max(mel, graph.scalar((float) least));
    Value log = graph.mul(graph.node(Op.LOG, bounded), 10 / Math.log(10));
    Value relative = graph.sub(log, graph.scalar((float) (10 * Math.log10(reference))));
    Value loudest = graph.reduce(Op.REDUCE_MAX, relative, true, 1, 2);
    Value floor = graph.sub(loudest, graph.scalar((float) layer.config().number("top_db", 80)));
    return graph.max(relative, floor);
  }
}
