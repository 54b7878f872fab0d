"""Makes core/src/test/resources/golden/hub: small models of KerasHub with random weights, and what Keras computes with them.

Needs keras-hub==0.32.0 and the packages of requirements-keras3.txt:
    python parity/hub/make_hub.py [case ..]
For each case: model.keras as KerasHub saves it, x.npy of two images, out.npy in single precision, and for one class in double
precision gradients.npy, of the images, mean over the colors, and cam.npy, Grad-CAM's maps at a layer; explained.txt names the layer
and the class. KerasHub fixes some widths; weights have few values and many zeros, so that the files stay small.
"""

import os
import pathlib
import sys
import zipfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import keras_hub
import numpy as np
import tensorflow as tf
from keras import layers

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/hub"
hub = keras_hub.models
CASES = {}


def case(layer, size=(24, 20, 3)):
    """Registers a function that builds a model; the layer is what Grad-CAM explains unless told otherwise."""

    def register(function):
        CASES[function.__name__] = (function, layer, size)
        return function

    return register


def task(backbone, kind, **arguments):
    return kind(backbone=backbone, num_classes=3, **arguments)


def resnet(type="basic_block", stem=((64,), (3,)), blocks=(1, 2), strides=(1, 2), filters=(64, 16), **more):
    if type == "basic_block" and strides[0] == 1:
        assert stem[0][-1] == 64
    return hub.ResNetBackbone(
        input_conv_filters=list(stem[0]), input_conv_kernel_sizes=list(stem[1]), stackwise_num_filters=list(filters),
        stackwise_num_blocks=list(blocks), stackwise_num_strides=list(strides), block_type=type, **more)


@case("res_net_backbone/stack1_block1_out")
def resnet_basic():
    return task(resnet(image_shape=(24, 20, 3)), hub.ResNetImageClassifier)


@case("res_net_backbone/stack2_block0_out")
def resnet_bottleneck():
    backbone = resnet("bottleneck_block", ((16,), (7,)), (1, 1, 1), (1, 2, 2), (64, 8, 8))
    return task(backbone, hub.ResNetImageClassifier, pooling="max", activation="softmax", dropout=0.3)


@case("res_net_backbone/post_relu")
def resnet_v2_basic():
    return task(resnet(use_pre_activation=True, image_shape=(24, 20, 3)), hub.ResNetImageClassifier)


@case("res_net_backbone/post_relu")
def resnet_v2_bottleneck():
    backbone = resnet("bottleneck_block", ((16,), (5,)), (1, 2), (2, 1), (64, 8), use_pre_activation=True)
    return task(backbone, hub.ResNetImageClassifier)


@case("res_net_backbone/stack1_block1_out")
def resnet_vd_basic():
    backbone = resnet("basic_block_vd", ((8, 8, 16), (3, 3, 3)), filters=(64, 16), image_shape=(24, 20, 3))
    return task(backbone, hub.ResNetImageClassifier)


@case("res_net_backbone/stack1_block0_out")
def resnet_vd_bottleneck():
    backbone = resnet("bottleneck_block_vd", ((8, 16), (3, 3)), (1, 1), (2, 2), (64, 8))
    return task(backbone, hub.ImageClassifier)


@case("vgg_backbone/block2_pool")
def vgg_flatten():
    backbone = hub.VGGBackbone([1, 2], [8, 12], image_shape=(24, 20, 3))
    return task(backbone, hub.VGGImageClassifier, pooling="flatten", pooling_hidden_dim=8)


@case("head/fc2", (36, 32, 3))
def vgg_average():
    backbone = hub.VGGBackbone([2, 1], [6, 8], image_shape=(36, 32, 3))
    return task(backbone, hub.VGGImageClassifier, pooling_hidden_dim=8, activation="softmax")


@case("dense_net_backbone/relu", (40, 36, 3))
def densenet():
    backbone = hub.DenseNetBackbone([2, 1, 2], growth_rate=4, image_shape=(40, 36, 3))
    return task(backbone, hub.DenseNetImageClassifier)


@case("dense_net_backbone/relu")
def densenet_uncompressed():
    return task(hub.DenseNetBackbone([1, 2], growth_rate=6, compression_ratio=0.25), hub.DenseNetImageClassifier)


@case("xception_backbone/block4_sepconv2_act", (36, 33, 3))
def xception():
    backbone = hub.XceptionBackbone([[8, 12], [16, 16], [16, 16], [24, 24]], [False, True, False, False], image_shape=(36, 33, 3))
    return task(backbone, hub.XceptionImageClassifier)


@case("xception_backbone/block5_sepconv1_act", (40, 40, 3))
def xception_deep():
    filters = [[8], [12, 12], [12, 12, 12], [12, 20], [16]]
    return task(hub.XceptionBackbone(filters, [False, True, False, True, False]), hub.XceptionImageClassifier)


@case("csp_net_backbone/stage_1_block_1_dark_block_add", (32, 28, 3))
def cspnet_dark():
    backbone = hub.CSPNetBackbone(
        8, 3, 1, [1, 2], [2, 2], [8, 12], "dark_block", stage_type="dark", bottle_ratio=[0.5], stem_padding="same",
        image_shape=(32, 28, 3))
    return task(backbone, hub.CSPNetImageClassifier)


@case("csp_net_backbone/stage_1_csp_transition_activation", (48, 48, 3))
def cspnet_csp():
    backbone = hub.CSPNetBackbone(
        [8, 16], 7, 4, [1, 2], [1, 2], [16, 24], "bottleneck_block", stage_type="csp", groups=2, activation="relu",
        bottle_ratio=[0.5], block_ratio=[0.5, 0.5], expand_ratio=[1.0, 1.0], stem_pooling="max", cross_linear=True,
        image_shape=(48, 48, 3))
    return task(backbone, hub.CSPNetImageClassifier)


@case("csp_net_backbone/stage_1_cs3_activation_3", (40, 40, 3))
def cspnet_cs3():
    backbone = hub.CSPNetBackbone(
        [8], 3, 2, [1, 1], [2, 2], [12, 16], "edge_block", stage_type="cs3", activation="silu", avg_down=True,
        block_ratio=[0.5], expand_ratio=[1.0], bottle_ratio=[0.5], image_shape=(40, 40, 3))
    return task(backbone, hub.CSPNetImageClassifier)


def efficientnet(**more):
    n = len(more["stackwise_kernel_sizes"])
    return hub.EfficientNetBackbone(
        stackwise_block_types=["v1"] * n, stackwise_force_input_filters=[0] * n, stackwise_nores_option=[False] * n, **more)


@case("efficient_net_backbone/top_activation", (32, 28, 3))
def efficientnet_v1():
    backbone = efficientnet(
        stackwise_kernel_sizes=[3, 5], stackwise_num_repeats=[1, 2], stackwise_input_filters=[8, 8],
        stackwise_output_filters=[8, 16], stackwise_expansion_ratios=[1, 4], stackwise_squeeze_and_excite_ratios=[0.25, 0.5],
        stackwise_strides=[1, 2], stackwise_width_coefficients=[1.0, 0.1], stackwise_depth_coefficients=[1.0, 1.0],
        input_shape=(32, 28, 3))
    return task(backbone, hub.EfficientNetImageClassifier)


@case("efficient_net_backbone/top_activation", (33, 33, 3))
def efficientnet_v1_lite():
    backbone = efficientnet(
        stackwise_kernel_sizes=[3, 3, 5], stackwise_num_repeats=[1, 2, 1], stackwise_input_filters=[8, 8, 12],
        stackwise_output_filters=[8, 12, 12], stackwise_expansion_ratios=[1, 2, 2],
        stackwise_squeeze_and_excite_ratios=[0, 0, 0.25], stackwise_strides=[2, 1, 2],
        stackwise_width_coefficients=[1.0, 1.0, 0.1], stackwise_depth_coefficients=[1.0, 1.1, 1.0], depth_divisor=4, min_depth=4,
        activation="relu", projection_activation="relu6", include_stem_padding=False, stem_conv_padding="same",
        cap_round_filter_decrease=True, use_depth_divisor_as_min_depth=True, batch_norm_epsilon=1e-3)
    return task(backbone, hub.EfficientNetImageClassifier)


@case("res_net_backbone/stack1_block1_out")
def layer_of_a_model():
    """A frozen backbone as a layer."""
    backbone = resnet()
    backbone.trainable = False
    inputs = keras.Input((24, 20, 3))
    x = layers.Rescaling(2.0)(inputs)
    x = layers.GlobalAveragePooling2D()(backbone(x, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


@case("features/res_net_backbone/post_relu")
def nested_twice():
    backbone = resnet(use_pre_activation=True, image_shape=(24, 20, 3))
    inner = keras.Input((24, 20, 3))
    features = keras.Model(inner, layers.Dropout(0.2)(backbone(inner)), name="features")
    inputs = keras.Input((24, 20, 3))
    x = layers.GlobalMaxPooling2D()(features(inputs))
    return keras.Model(inputs, layers.Dense(3)(x))


@case("dense_net_backbone/relu", (40, 36, 3))
def sequential():
    backbone = hub.DenseNetBackbone([1, 1], growth_rate=4, image_shape=(40, 36, 3))
    return keras.Sequential(
        [keras.Input((40, 36, 3)), layers.Rescaling(2.0), backbone, layers.GlobalAveragePooling2D(), layers.Dense(3)])


def weight(generator, variable):
    """Few values, many zeros; what the layer gives keeps about the size of what it takes."""
    shape, name = variable.shape, variable.name
    if name in ("gamma", "moving_variance"):
        return generator.integers(4, 12, shape) / 8
    if len(shape) == 1:
        return generator.integers(-4, 5, shape) / 16
    fan = np.prod(shape[:-2]) if "depthwise" in name else np.prod(shape[:-1])
    dense = min(1, 16 / fan)
    values = generator.choice([-1.5, -1, 1, 1.5], shape) * (generator.random(shape) < dense)
    return np.round(values * 64 / np.sqrt(fan * dense)) / 64


def set_weights(model, seed):
    generator = np.random.default_rng(seed)
    model.set_weights([weight(generator, variable) for variable in model.weights])


def flat(model):
    """Layers by their path, as Keralens names them."""
    found = {}

    def walk(layer, prefix):
        for inner in getattr(layer, "layers", []):
            found[prefix + inner.name] = inner
            walk(inner, prefix + inner.name + "/")

    walk(model, "")
    return found


def to_logits(model):
    last = model.layers[-1]
    while isinstance(last, keras.Sequential):
        last = last.layers[-1]
    if last.activation is keras.activations.softmax:
        last.activation = keras.activations.linear


def tapped(model, layer, x, unit):
    """A logit's gradient of the images, what a layer gives on the way, and the gradient of that."""
    seen = []
    call = layer.call

    def recording(*args, **kwargs):
        seen.append(call(*args, **kwargs))
        return seen[-1]

    layer.call = recording
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        logit = model(x, training=False)[:, unit]
    layer.call = call
    return tape.gradient(logit, x).numpy(), seen[-1].numpy(), tape.gradient(logit, seen[-1]).numpy()


def smaller(path):
    """The same archive, compressed; weights too, which Keras stores as they are."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def make(name, seed):
    build, layer, size = CASES[name]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.clear_session()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    model = build()
    set_weights(model, seed)
    model.optimizer = None
    model.save(folder / "model.keras")
    smaller(folder / "model.keras")
    x = np.random.default_rng(seed + 1).integers(-16, 17, (2, *size)).astype("float32") / 16
    np.save(folder / "x.npy", x)
    np.save(folder / "out.npy", model(x, training=False).numpy())
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    double = build()
    set_weights(double, seed)
    to_logits(double)
    found = []
    for unit in range(3):
        gradients, activation, gradient = tapped(double, flat(double)[layer], tf.constant(x.astype("float64")), unit)
        cam = (activation * gradient.mean((1, 2), keepdims=True)).sum(-1)
        found.append((cam.max((1, 2)).min(), unit, gradients.mean(-1), cam))
    _, unit, gradients, cam = max(found, key=lambda each: each[0])
    np.save(folder / "gradients.npy", gradients.astype("float32"))
    np.save(folder / "cam.npy", cam.astype("float32"))
    (folder / "explained.txt").write_text(f"{layer} {unit}\n")
    print(name, np.abs(model(x, training=False).numpy()).max(), np.abs(gradients).max(), cam.max((1, 2)), cam.shape,
          sum(f.stat().st_size for f in folder.iterdir()))


if __name__ == "__main__":
    for number, name in enumerate(CASES):
        if not sys.argv[1:] or name in sys.argv[1:]:
            make(name, 100 + number)
