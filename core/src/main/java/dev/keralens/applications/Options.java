package dev.keralens.applications;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an application was asked for. Written only while it is copied, never afterwards. */
final class Options {
  static final int IMAGENET_CLASSES = 1000;

  boolean includeTop = true;

  /** Height, width and channels; null for the network's own. */
  @Nullable List<Integer> inputShape;

  Pooling pooling = Pooling.NONE;
  int classes = IMAGENET_CLASSES;
  String classifierActivation = "linear";
  double alpha = 1;
  boolean minimalistic;
  boolean includePreprocessing = true;
  ApplicationWeights weights = ApplicationWeights.imageNet();

  Options copy() {
    Options copy = new Options();
    copy.includeTop = includeTop;
    copy.inputShape = inputShape;
    copy.pooling = pooling;
    copy.classes = classes;
    copy.classifierActivation = classifierActivation;
    copy.alpha = alpha;
    copy.minimalistic = minimalistic;
    copy.includePreprocessing = includePreprocessing;
    copy.weights = weights;
    return copy;
  }

  boolean isImageNet() {
    return weights instanceof ApplicationWeights.ImageNet;
  }
}
