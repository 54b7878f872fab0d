"""The networks of the comparison, with random weights that are the same at every run.

Needs tensorflow (Keras 3); compare installs it.

    networks.py FOLDER [NAME...]     writes FOLDER/NAME.keras where it is missing
"""

import os
import sys

# Name in keras.applications, size of the input, the layer that Grad-CAM explains, and the PyTorch model of the same
# architecture: (library, name, what is explained there).
NETWORKS = {
    "resnet50v2": ("ResNet50V2", 224, "post_relu", ("timm", "resnetv2_50", "norm")),
    "xception": ("Xception", 299, "block14_sepconv2_act", ("timm", "legacy_xception", "bn4")),
    "mobilenetv2": ("MobileNetV2", 224, "out_relu", ("torchvision", "mobilenet_v2", "features")),
    "efficientnetb0": ("EfficientNetB0", 224, "top_activation", ("torchvision", "efficientnet_b0", "features")),
    "vgg16": ("VGG16", 224, "block5_pool", ("torchvision", "vgg16", "features")),
}


def write(name, path):
    """Random weights; normalizations get statistics of their own, so that none is left without effect."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(7)
    model = getattr(keras.applications, NETWORKS[name][0])(weights=None)
    random = np.random.default_rng(7)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape[0]
            layer.gamma.assign(random.uniform(0.5, 1.0, size))
            layer.beta.assign(random.normal(0, 0.1, size))
            layer.moving_mean.assign(random.normal(0, 0.1, size))
            layer.moving_variance.assign(random.uniform(0.5, 1.5, size))
    partial = path + ".part.keras"
    model.save(partial)
    os.replace(partial, path)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for network in sys.argv[2:] or NETWORKS:
        file = os.path.join(sys.argv[1], network + ".keras")
        if not os.path.exists(file):
            write(network, file)
