"""Writes small networks whose last activation is easily mistaken, and the Grad-CAM map of the right one.

Needs the packages of requirements-keras3.txt:
    python parity/activations/make_activations.py [FOLDER] [--only NAME ...]

FOLDER is by default core/src/test/resources/golden/activations. For each network there is NAME.keras, NAME-x.npy and
NAME-map.npy: the map (images, places..., 1) by GradientTape of the layer that a person would name, of the logits' unit 0
summed over all places, before any filter or resizing; names.txt has a line a network, its name and that layer's.
"""

import argparse
import os
import pathlib
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/activations"

CASES = {}


def case(*shape):
    def add(make):
        CASES[make.__name__] = (shape, make)
        return make

    return add


def conv(filters, name, strides=1, size=3, rank=2, activation="relu"):
    make = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}[rank]
    return make(filters, size, strides=strides, padding="same", activation=activation, name=name)


def gap(rank=2, **kwargs):
    return {1: layers.GlobalAveragePooling1D, 2: layers.GlobalAveragePooling2D, 3: layers.GlobalAveragePooling3D}[rank](**kwargs)


def excited(x, rank=2):
    """Squeeze-and-excitation."""
    gate = gap(rank, keepdims=True)(x)
    gate = layers.Dense(x.shape[-1], activation="sigmoid")(gate)
    return layers.Multiply()([x, gate])


def features(x):
    return conv(5, "c2", 2)(excited(conv(6, "c1")(x)))


def dense(x):
    return layers.Dense(3, name="logits")(x)


@case(12, 16, 3)
def excite_average_flatten(x):
    return dense(layers.Flatten()(layers.AveragePooling2D((6, 8))(features(x)))), "c2"


@case(12, 16, 3)
def excite_average_in_part_flatten(x):
    return dense(layers.Flatten()(layers.AveragePooling2D(2)(features(x)))), "c2"


@case(12, 16, 3)
def excite_maximum_reshape(x):
    return dense(layers.Reshape((5,))(layers.MaxPooling2D((6, 8))(features(x)))), "c2"


@case(12, 16, 3)
def excite_mean(x):
    return dense(ops.mean(features(x), axis=[1, 2])), "c2"


@case(12, 16, 3)
def excite_mean_in_two_steps(x):
    return dense(ops.mean(ops.mean(features(x), axis=1), axis=1)), "c2"


@case(12, 16, 3)
def excite_reshape_maximum(x):
    return dense(ops.max(ops.reshape(features(x), (-1, 48, 5)), axis=1)), "c2"


@case(12, 16, 3)
def excite_blocks_of_pixels(x):
    return dense(layers.Flatten()(ops.mean(ops.reshape(features(x), (-1, 3, 2, 4, 2, 5)), axis=[2, 4]))), "c2"


@case(12, 16, 3)
def excite_two_poolings(x):
    x = features(x)
    return dense(layers.Concatenate()([gap()(x), layers.GlobalMaxPooling2D()(x)])), "c2"


@case(12, 16, 3)
def generalized_mean(x):
    x = features(x)
    pooled = gap()(ops.power(ops.maximum(x, 1e-6), 3.0))
    return dense(ops.power(pooled, 1 / 3)), "c2"


@case(12, 16, 3)
def attention_pooling(x):
    x = features(x)
    scores = layers.Reshape((48,))(conv(1, "score", size=1, activation=None)(x))
    tokens = layers.Reshape((48, 5))(x)
    weights = layers.Reshape((1, 48))(layers.Softmax()(scores))
    return dense(layers.Reshape((5,))(ops.matmul(weights, tokens))), "c2"


@case(12, 16, 3)
def instance_normalization_inside(x):
    x = conv(6, "c1")(x)
    mean = ops.mean(x, axis=[1, 2], keepdims=True)
    x = (x - mean) / ops.sqrt(ops.mean(ops.square(x - mean), axis=[1, 2], keepdims=True) + 1e-3)
    return dense(gap()(conv(5, "c2", 2)(x))), "c2"


@case(12, 16, 3)
def range_inside(x):
    low, high = ops.min(x, axis=[1, 2, 3], keepdims=True), ops.max(x, axis=[1, 2, 3], keepdims=True)
    x = conv(6, "c1")((x - low) / (high - low + 1e-3))
    return dense(ops.mean(conv(5, "c2", 2)(x), axis=(1, 2))), "c2"


@case(12, 16, 3)
def classes_pooled(x):
    return gap(name="logits")(conv(3, "maps", size=1, activation=None)(features(x))), "c2"


@case(24, 4)
def excite_signal(x):
    x = conv(5, "c2", 2, rank=1)(excited(conv(6, "c1", rank=1)(x), 1))
    return dense(layers.Flatten()(layers.AveragePooling1D(12)(x))), "c2"


@case(6, 8, 8, 2)
def excite_volume(x):
    x = conv(5, "c2", 2, rank=3)(excited(conv(6, "c1", rank=3)(x), 3))
    return dense(layers.Flatten()(layers.AveragePooling3D((3, 4, 4))(x))), "c2"


@case(12, 16, 3)
def lines_of_text(x):
    x = layers.Reshape((8, 30))(layers.Permute((2, 1, 3))(conv(5, "c2", 2)(conv(6, "c1")(x))))
    return layers.Dense(3, name="logits")(layers.LSTM(4, return_sequences=True)(x)), "c2"


@case(12, 16, 3)
def vision_transformer(x):
    x = layers.Reshape((12, 6))(layers.Conv2D(6, 4, strides=4, name="patches")(x))
    for i in range(2):
        y = layers.LayerNormalization(name=f"before{i}")(x)
        x = layers.Add(name=f"attended{i}")([x, layers.MultiHeadAttention(2, 3)(y, y)])
        y = layers.Dense(8, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add(name=f"block{i}")([x, layers.Dense(6)(y)])
    return dense(layers.GlobalAveragePooling1D()(layers.LayerNormalization(name="norm")(x))), "norm"


def unet(x, excites=False):
    c1 = conv(4, "c1")(x)
    inside = conv(6, "bottleneck")(layers.MaxPooling2D()(c1))
    x = layers.Concatenate()([layers.UpSampling2D()(inside), c1])
    return conv(4, "dec")(excited(x) if excites else x)


@case(12, 16, 3)
def segmentation(x):
    return conv(3, "logits", size=1, activation=None)(unet(x)), "dec"


@case(12, 16, 3)
def segmentation_excited(x):
    return conv(3, "logits", size=1, activation=None)(unet(x, True)), "dec"


@case(12, 16, 3)
def segmentation_upsampled(x):
    return layers.UpSampling2D(interpolation="bilinear")(conv(3, "out", size=1, activation=None)(unet(x))), "dec"


@case(12, 16, 3)
def segmentation_resized(x):
    return layers.Resizing(24, 20)(conv(3, "out", size=1, activation=None)(unet(x))), "dec"


@case(12, 16, 3)
def segmentation_flat(x):
    return layers.Reshape((192, 3))(conv(3, "out", size=1, activation=None)(unet(x))), "dec"


@case(12, 16, 3)
def segmentation_normalized(x):
    return layers.BatchNormalization()(conv(3, "out", size=1, activation=None)(unet(x))), "dec"


@case(12, 16, 3)
def picture_restored(x):
    return layers.Add()([x, conv(3, "out", activation=None)(unet(x))]), "dec"


@case(12, 16, 3)
def detection(x):
    x = features(x)
    boxes = layers.Reshape((96, 4))(conv(8, "boxes", activation=None)(x))
    scores = layers.Reshape((96, 2))(conv(4, "scores", activation=None)(x))
    return layers.Concatenate()([boxes, scores]), "c2"


def recompress(path):
    """Keras writes weights without compression."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=OUT)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for number, (name, (shape, make)) in enumerate(CASES.items()):
        if options.only and name not in options.only:
            continue
        keras.backend.clear_session()
        keras.utils.set_random_seed(number)
        inputs = keras.Input(shape)
        logits, explained = make(inputs)
        model = keras.Model(inputs, logits, name=name)
        for variable in model.variables:  # No bias or scale stays zero or one.
            if len(variable.shape) == 1:
                variable.assign(np.random.uniform(0.2, 0.8, variable.shape))
        x = np.random.default_rng(number).uniform(0, 1, (2, *shape)).astype("float32")
        inner = keras.Model(inputs, [model.get_layer(explained).output, logits])
        with tf.GradientTape() as tape:
            activation, scores = inner(x)
            unit = tf.reduce_sum(scores[..., 0])
        gradient = tape.gradient(unit, activation)
        axes = tuple(range(1, len(gradient.shape) - 1))
        weights = tf.reduce_mean(gradient, axes, keepdims=True)
        map_ = tf.reduce_sum(weights * activation, -1, keepdims=True).numpy()
        assert np.abs(map_).max() > 1e-6, name
        model.save(options.folder / f"{name}.keras")
        recompress(options.folder / f"{name}.keras")
        for key, value in dict(x=x, map=map_).items():
            np.save(options.folder / f"{name}-{key}.npy", value)
    lines = []
    for name, (shape, make) in CASES.items():
        keras.backend.clear_session()
        lines.append(f"{name} {make(keras.Input(shape))[1]}\n")
    (options.folder / "names.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
