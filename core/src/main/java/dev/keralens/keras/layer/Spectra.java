package dev.keralens.keras.layer;

import dev.keralens.keras.LayerConfig;
import dev.keralens.keras.call.LayerCall;
import dev.keralens.tensor.Tensor;
import java.util.Arrays;

/**
 * The constants of a mel spectrogram.
 *
 * @param fftLength the length of a transform, and the number of samples that it sees
 * @param stride the samples from one frame to the next
 * @param window the window of a frame, padded with zeros to the length of the transform
 * @param samplingRate samples a second
 * @param melBins the number of bands
 * @param low the lower edge of the lowest band, in Hertz
 * @param high the upper edge of the highest band, in Hertz
 */
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor used as a key.
record Spectra(
    int fftLength,
    int stride,
    double[] window,
    double samplingRate,
    int melBins,
    double low,
    double high) {

  /** {@return the constants by the arguments of a {@code MelSpectrogram} layer} */
  static Spectra of(LayerCall layer) {
    LayerConfig config = layer.config();
    int fft = config.integer("fft_length", 2048);
    int length = config.integer("sequence_length", fft);
    double rate = config.number("sampling_rate", 16000);
    double high = config.number("max_freq", (double) (int) (rate / 2));
    return new Spectra(
        fft,
        config.integer("sequence_stride", 512),
        window(layer, length, fft),
        rate,
        config.integer("num_mel_bins", 128),
        config.number("min_freq", 20),
        high);
  }

  private static double[] window(LayerCall layer, int length, int fft) {
    if (length > fft) {
      throw layer.invalid("fft_length=%d is below sequence_length=%d.".formatted(fft, length));
    }
    double[] window = new double[fft];
    int before = (fft - length) / 2;
    if (!layer.config().has("window")) {
      Arrays.fill(window, 1);
      return window;
    }
    String name = layer.config().text("window", "hann");
    double mean =
        switch (name) {
          case "hann" -> 0.5;
          case "hamming" -> 0.54;
          default -> throw layer.config().wrong("window", "'hann' or 'hamming'");
        };
    for (int i = 0; i < length; i++) {
      window[before + i] = mean - (1 - mean) * Math.cos(2 * Math.PI * i / length);
    }
    return window;
  }

  int bins() {
    return fftLength / 2 + 1;
  }

  /** {@return the samples of a signal mirrored at both ends by half a transform} */
  int[] reflected(int time) {
    int half = fftLength / 2;
    if (half >= time) {
      throw new IllegalArgumentException(
          "a signal of %d samples is too short for transforms of %d.".formatted(time, fftLength));
    }
    int[] places = new int[time + 2 * half];
    for (int i = 0; i < places.length; i++) {
      int place = Math.abs(i - half);
      places[i] = place < time ? place : 2 * (time - 1) - place;
    }
    return places;
  }

  /** {@return the real parts of the transform as a kernel (bins, 1, samples)} */
  Tensor cosines() {
    return kernel(0);
  }

  /** {@return the imaginary parts of the transform as a kernel (bins, 1, samples)} */
  Tensor sines() {
    return kernel(Math.PI / 2);
  }

  private Tensor kernel(double phase) {
    float[] kernel = new float[bins() * fftLength];
    for (int bin = 0; bin < bins(); bin++) {
      for (int i = 0; i < fftLength; i++) {
        long turns = (long) bin * i % fftLength;
        double angle = 2 * Math.PI * turns / fftLength;
        kernel[bin * fftLength + i] = (float) (window[i] * Math.cos(angle + phase));
      }
    }
    return Tensor.of(kernel, bins(), 1, fftLength);
  }

  /**
   * {@return how much each bin of the transform adds to each band (bands, bins)}: triangles in the
   * mel scale of HTK, 1127 log(1 + f / 700). In floats, as Keras computes them: the differences of
   * logarithms lose some digits.
   */
  Tensor melMatrix() {
    float[] matrix = new float[melBins * bins()];
    float first = mel((float) low);
    float step = (mel((float) high) - first) / (melBins + 1);
    float width = (float) (samplingRate / 2) / (bins() - 1);
    for (int band = 0; band < melBins; band++) {
      float lower = first + band * step;
      float centre = first + (band + 1) * step;
      float upper = first + (band + 2) * step;
      for (int bin = 1; bin < bins(); bin++) {
        float at = mel(bin * width);
        float height = Math.min((at - lower) / (centre - lower), (upper - at) / (upper - centre));
        matrix[band * bins() + bin] = Math.max(0, height);
      }
    }
    return Tensor.of(matrix, melBins, bins());
  }

  private static float mel(float hertz) {
    return 1127f * (float) Math.log(1f + hertz / 700f);
  }

  /** {@return (1, bins, 1): 1 for the first and last bin, 2 for those between} */
  static Tensor onesAndTwos(int bins) {
    float[] factors = new float[bins];
    Arrays.fill(factors, 2);
    factors[0] = 1;
    factors[bins - 1] = 1;
    return Tensor.of(factors, 1, bins, 1);
  }
}
