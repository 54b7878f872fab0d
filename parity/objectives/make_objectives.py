"""Gradients of objectives beyond a unit, by GradientTape, of a small model with three outputs.

Needs requirements-keras3.txt. Writes into core/src/test/resources/golden/objectives: model.keras, x.npy (two images of
one channel), and for each objective its gradient and its score.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/objectives"


def build():
    keras.utils.set_random_seed(3)
    x = layers.Input((10, 12, 1), name="x")
    h = layers.Conv2D(6, 3, padding="same", activation="tanh", name="conv1")(x)
    h = layers.Conv2D(8, 3, padding="same", activation="tanh", name="conv2")(h)
    mean = layers.GlobalAveragePooling2D(name="mean")(h)
    classes = layers.Dense(4, activation="softmax", name="classes")(mean)
    embedding = layers.Dense(5, name="embedding")(mean)
    segments = layers.Conv2D(3, 1, activation="softmax", name="segments")(h)
    model = keras.Model(x, [classes, embedding, segments])
    rng = np.random.default_rng(5)
    for w in model.weights:
        w.assign(rng.normal(0, 0.7, w.shape).astype("float32"))
    return model


def main():
    model = build()
    rng = np.random.default_rng(9)
    x = rng.normal(0, 1, (2, 10, 12, 1)).astype("float32")
    logits = keras.Model(model.input, model.get_layer("mean").output)
    dense = model.get_layer("classes")
    last = model.get_layer("segments")
    features = keras.Model(model.input, model.get_layer("conv2").output)

    def scores(t):
        return tf.matmul(logits(t), dense.kernel) + dense.bias

    def masked(t, unit):
        maps = tf.nn.conv2d(features(t), last.kernel, 1, "SAME") + last.bias
        inside = tf.cast(tf.argmax(maps, -1) == unit, tf.float32)
        return tf.reduce_sum(maps[..., unit] * inside, (1, 2))

    reference = model(x[::-1])[1].numpy()[:1]
    objectives = {
        "versus": lambda t: scores(t)[:, 2] - scores(t)[:, 1],
        "absence": lambda t: -scores(t)[:, 2],
        "probability": lambda t: tf.nn.softmax(scores(t))[:, 2],
        "sum": lambda t: 0.5 * scores(t)[:, 0] - 2 * scores(t)[:, 3],
        "cosine": lambda t: -keras.losses.cosine_similarity(
            tf.repeat(reference, 2, axis=0), model(t)[1]
        ),
        "region": lambda t: masked(t, 1),
        "own": lambda t: tf.reduce_sum(model(t)[1] ** 2, -1) * model(t)[0][:, 1],
    }
    OUT.mkdir(parents=True, exist_ok=True)
    model.save(OUT / "model.keras")
    np.save(OUT / "x.npy", x)
    np.save(OUT / "reference.npy", reference)
    for name, objective in objectives.items():
        t = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(t)
            value = objective(t)
        gradient = tape.gradient(value, t).numpy()[..., 0]
        np.savez(OUT / f"{name}.npz", gradient=gradient, score=value.numpy())


if __name__ == "__main__":
    main()
