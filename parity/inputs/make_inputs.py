"""Writes models with several inputs, and the Grad-CAM map of each input by GradientTape.

Needs the packages of requirements-keras3.txt:
    python parity/inputs/make_inputs.py [FOLDER]

FOLDER is by default core/src/test/resources/golden/inputs. For each model there is model.keras, x0.npy, x1.npy,
... and for each explained input map0.npy, map1.npy, ...: (images, places..., 1), the map of unit 0 before any filter or
resizing. What is explained of an input is computed here by calling the layers one after another.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/inputs"


def chain(*steps):
    def call(x):
        for step in steps:
            x = step(x)
        return x

    return call


def siamese():
    """One backbone, called for both inputs."""
    a, b = keras.Input((20, 24, 3), name="left"), keras.Input((20, 24, 3), name="right")
    inner = keras.Input((20, 24, 3), name="picture")
    features = [layers.Conv2D(5, 3, activation="relu", name="ca"), layers.Conv2D(4, 3, name="cb")]
    backbone = keras.Model(inner, chain(*features)(inner), name="backbone")
    gap, dense = layers.GlobalAveragePooling2D(name="gap"), layers.Dense(2, name="dense")
    out = dense(layers.Multiply(name="both")([gap(backbone(a)), gap(backbone(b))]))
    model = keras.Model([a, b], out, name="siamese")
    return model, [chain(*features)] * 2, lambda f: dense(gap(f[0]) * gap(f[1]))


def towers():
    """A tower for each of two pictures of different sizes."""
    a, b = keras.Input((20, 24, 3), name="left"), keras.Input((12, 16, 3), name="right")
    one = [layers.Conv2D(4, 3, activation="relu", name="l1"), layers.Conv2D(4, 3, name="l2")]
    other = [layers.Conv2D(4, 3, activation="relu", name="r1")]
    gap, flat = layers.GlobalAveragePooling2D(name="gap"), layers.Flatten(name="flat")
    dense = layers.Dense(3, name="dense")
    out = dense(layers.Concatenate(name="both")([gap(chain(*one)(a)), flat(chain(*other)(b))]))
    model = keras.Model([a, b], out, name="towers")
    return model, [chain(*one), chain(*other)], lambda f: dense(tf.concat([gap(f[0]), flat(f[1])], -1))


def nested():
    """A shared encoder around a shared backbone, for three inputs."""
    inputs = [keras.Input((14, 10, 2), name=f"view{i}") for i in range(3)]
    inner, outer = keras.Input((14, 10, 2)), keras.Input((14, 10, 2))
    conv = layers.Conv2D(4, 3, activation="relu", name="conv")
    backbone = keras.Model(inner, conv(inner), name="backbone")
    gap, project = layers.GlobalAveragePooling2D(name="gap"), layers.Dense(3, name="project")
    encoder = keras.Model(outer, project(gap(backbone(outer))), name="encoder")
    dense = layers.Dense(2, name="dense")
    out = dense(layers.Concatenate(name="all")([encoder(x) for x in inputs]))
    model = keras.Model(inputs, out, name="nested")
    return model, [conv] * 3, lambda f: dense(tf.concat([project(gap(x)) for x in f], -1))


def ranks():
    """A picture and a signal."""
    a, b = keras.Input((10, 12, 3), name="picture"), keras.Input((30, 2), name="signal")
    one, other = layers.Conv2D(4, 3, activation="relu", name="c2"), layers.Conv1D(4, 5, activation="relu", name="c1")
    gap2, gap1 = layers.GlobalAveragePooling2D(name="gap2"), layers.GlobalMaxPooling1D(name="gap1")
    dense = layers.Dense(2, name="dense")
    out = dense(layers.Concatenate(name="both")([gap2(one(a)), gap1(other(b))]))
    model = keras.Model([a, b], out, name="ranks")
    return model, [one, other], lambda f: dense(tf.concat([gap2(f[0]), gap1(f[1])], -1))


def fused():
    """Two pictures with a stem each, joined before the last convolution."""
    a, b = keras.Input((12, 12, 3), name="colour"), keras.Input((12, 12, 1), name="depth")
    one, other = layers.Conv2D(3, 3, activation="relu", name="s0"), layers.Conv2D(3, 3, activation="relu", name="s1")
    conv, gap = layers.Conv2D(4, 3, activation="relu", name="joint"), layers.GlobalAveragePooling2D(name="gap")
    dense = layers.Dense(2, name="dense")
    out = dense(gap(conv(layers.Concatenate(name="both")([one(a), other(b)]))))
    model = keras.Model([a, b], out, name="fused")
    return model, [one, other], lambda f: dense(gap(conv(tf.concat(f, -1))))


def table():
    """A picture and a table: only the picture has places."""
    a, b = keras.Input((12, 12, 3), name="picture"), keras.Input((5,), name="table")
    conv, gap = layers.Conv2D(4, 3, activation="relu", name="conv"), layers.GlobalAveragePooling2D(name="gap")
    facts, dense = layers.Dense(4, activation="tanh", name="facts"), layers.Dense(2, name="dense")
    out = dense(layers.Concatenate(name="both")([gap(conv(a)), facts(b)]))
    model = keras.Model([a, b], out, name="table")
    return model, [conv, None], lambda f: dense(tf.concat([gap(f[0]), facts(f[1])], -1))


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    for number, make in enumerate((siamese, towers, nested, ranks, fused, table)):
        keras.utils.set_random_seed(number)
        model, features, head = make()
        folder = out / make.__name__
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        xs = [rng.standard_normal((2, *i.shape[1:])).astype("float32") for i in model.inputs]
        with tf.GradientTape(persistent=True) as tape:
            maps = [f(x) if f else tf.constant(x) for f, x in zip(features, xs)]
            for map_ in maps:
                tape.watch(map_)
            logits = head(maps)
            unit = tf.reduce_sum(logits[:, 0])
        np.testing.assert_allclose(logits, model.predict(xs, verbose=0), rtol=1e-4, atol=1e-5)
        model.save(folder / "model.keras")
        for i, (x, f, map_) in enumerate(zip(xs, features, maps)):
            np.save(folder / f"x{i}.npy", x)
            if f:
                gradient = tape.gradient(unit, map_)
                axes = tuple(range(1, len(map_.shape) - 1))
                weights = tf.reduce_mean(gradient, axes, keepdims=True)
                np.save(folder / f"map{i}.npy", tf.reduce_sum(weights * map_, -1, keepdims=True).numpy())


if __name__ == "__main__":
    main()
