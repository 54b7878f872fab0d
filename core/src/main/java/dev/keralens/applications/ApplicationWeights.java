package dev.keralens.applications;

import java.nio.file.Path;

/** Where the weights of an {@link Application} come from. */
public sealed interface ApplicationWeights {
  /** {@return the published weights, learned on ImageNet, which are downloaded once} */
  static ApplicationWeights imageNet() {
    return new ImageNet();
  }

  /**
   * {@return the weights in a file that Keras wrote for the same network}
   *
   * @param file {@code .weights.h5}, {@code .h5} or {@code .keras}; for a network without its top,
   *     one with a top may be given too
   */
  static ApplicationWeights file(Path file) {
    return new File(file);
  }

  /**
   * {@return the weights that training would begin with}
   *
   * @param seed the same seed gives the same weights
   */
  static ApplicationWeights random(long seed) {
    return new Random(seed);
  }

  /** The published weights, learned on ImageNet. */
  record ImageNet() implements ApplicationWeights {}

  /**
   * Weights in a file.
   *
   * @param path the file
   */
  record File(Path path) implements ApplicationWeights {}

  /**
   * Weights as before training.
   *
   * @param seed what they are drawn by
   */
  record Random(long seed) implements ApplicationWeights {}
}
