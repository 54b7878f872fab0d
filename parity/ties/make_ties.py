"""Makes core/src/test/resources/golden/ties: networks with max pooling over flat stretches, and gradients by GradientTape.

Needs the packages of requirements-keras3.txt:
    python parity/ties/make_ties.py
The input is zero beyond its first part, so that most windows of a pooling hold equal numbers: the gradient goes to the
first of them only if what is computed of equal numbers is equal. Of each case: the model, x.npy, and gradient.npy, of
unit 1, the mean over the input's channels.
"""

import os
import pathlib

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/ties"


def signal(length, channels, filled):
    x = np.zeros((2, length, channels), "float32")
    x[:, :filled] = np.random.default_rng(1).normal(size=(2, filled, channels))
    return x


def picture(side, filled):
    x = np.zeros((2, side, side, 1), "float32")
    x[:, :filled, :filled] = np.random.default_rng(2).normal(size=(2, filled, filled, 1))
    return x


def write(name, given, value, x):
    model = keras.Model(given, L.Dense(3)(value))
    rng = np.random.default_rng(len(name))
    for w in model.weights:
        positive = "variance" in w.path
        w.assign(rng.uniform(0.5, 1.5, w.shape) if positive else rng.normal(size=w.shape) * 0.3)
    t = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        score = model(t)[:, 1]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.keras")
    np.save(folder / "x.npy", x)
    np.save(folder / "gradient.npy", tape.gradient(score, t).numpy().mean(-1))


def main():
    given = value = keras.Input((187, 1))
    for channels in (16, 17, 24):
        value = L.MaxPooling1D(2)(L.ReLU()(L.BatchNormalization()(L.Conv1D(channels, 7, padding="same")(value))))
    write("signal", given, L.GlobalAveragePooling1D()(value), signal(187, 1, 80))

    given = value = keras.Input((160, 3))
    for channels in (8, 12):
        value = L.MaxPooling1D(5, 2, "same")(L.BatchNormalization()(L.SeparableConv1D(channels, 5, activation="gelu")(value)))
    write("overlapping", given, L.Flatten()(value), signal(160, 3, 50))

    given = keras.Input((128, 1))
    value = L.Conv1D(12, 7, padding="same")(given)
    for _ in range(2):
        branch = L.Conv1D(12, 5, padding="same")(L.Conv1D(12, 5, padding="same", activation="relu")(value))
        value = L.MaxPooling1D(2)(L.ReLU()(L.BatchNormalization()(L.add([value, branch]))))
    write("residual", given, L.GlobalAveragePooling1D()(value), signal(128, 1, 40))

    given = value = keras.Input((56, 56, 1))
    for channels in (32, 32):
        value = L.MaxPooling2D(3, 2, "same")(L.Conv2D(channels, 3, padding="same", activation="relu")(value))
    write("picture", given, L.GlobalAveragePooling2D()(value), picture(56, 20))


if __name__ == "__main__":
    main()
