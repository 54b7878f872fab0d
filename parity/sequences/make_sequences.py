"""Builds small networks without spatial axes, with Keras, and writes their maps by GradientTape.

Needs the packages of requirements-keras3.txt:
    python parity/sequences/make_sequences.py [FOLDER]

FOLDER is core/src/test/resources/golden/sequences by default. Each network's folder holds model.keras and float32 arrays, of
unit 1 for every row of x.npy:
    gradients.npy  mean over channels of |d logit / d value|, of the input, or of what the embedding makes of it
    gradcam.npy    sum over channels of activation * mean over tokens of d logit / d activation; no ReLU
    gradcam_grid.npy  the same of the last 15 of 16 tokens, (batch, 3, 5)
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/sequences"
UNIT = 1


def words():
    """Numbers of words, 0 where the text has ended."""
    x = keras.Input((12,), dtype="int32")
    y = layers.Embedding(30, 6, mask_zero=True, name="embedding")(x)
    y = layers.Conv1D(8, 3, padding="same", activation="tanh", name="activation")(y)
    y = layers.Dense(8, activation="gelu")(y)
    y = layers.GlobalMaxPooling1D()(y)
    return keras.Model(x, layers.Dense(3, activation="softmax")(y)), np.random.default_rng(1).integers(0, 30, (3, 12)).astype("int32")


def patches():
    """A transformer over 16 patches of a picture."""
    x = keras.Input((32, 32, 3))
    y = layers.Conv2D(16, 8, strides=8, name="cut")(x)
    y = layers.Reshape((16, 16))(y)
    y = layers.Add()([y, layers.MultiHeadAttention(2, 8)(y, y)])
    y = layers.LayerNormalization(name="activation")(y)
    z = layers.Dense(16, activation="gelu")(y)
    y = layers.GlobalAveragePooling1D()(layers.Add()([y, z]))
    return keras.Model(x, layers.Dense(5)(y)), np.random.default_rng(2).random((2, 32, 32, 3), dtype="float32")


def features():
    """A table's rows."""
    x = keras.Input((10,))
    y = layers.Dense(16, activation="tanh")(x)
    return keras.Model(x, layers.Dense(3)(y)), np.random.default_rng(3).random((4, 10), dtype="float32")


def logits(model):
    last = model.layers[-1]
    last.activation = keras.activations.linear
    return last


def write(folder, name, model, x):
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    model.save(target / "model.keras")
    np.save(target / "x.npy", x)
    logits(model)
    names = [layer.name for layer in model.layers]
    inner = [n for n in ("embedding", "activation") if n in names]
    probe = keras.Model(model.inputs, [model.get_layer(n).output for n in inner] + [model.outputs[0]])
    with tf.GradientTape() as tape:
        values = tf.constant(x)
        tape.watch(values)
        *inside, scores = keras.tree.flatten(probe(values))
        score = scores[:, UNIT]
    at = dict(zip(inner, inside))
    explained = at.get("embedding", values)
    wanted = [explained, *([at["activation"]] if "activation" in at else [])]
    gradients = tape.gradient(score, wanted)
    seen = np.abs(gradients[0].numpy())
    np.save(target / "gradients.npy", seen if seen.ndim == 2 else seen.mean(-1))
    if "activation" in at:
        activation, gradient = at["activation"].numpy(), gradients[1].numpy()
        np.save(target / "gradcam.npy", np.einsum("btc,bc->bt", activation, gradient.mean(1)))
        if activation.shape[1] == 16:
            late = np.einsum("btc,bc->bt", activation[:, 1:], gradient[:, 1:].mean(1))
            np.save(target / "gradcam_grid.npy", late.reshape(len(x), 3, 5))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    for builder in (words, patches, features):
        keras.utils.set_random_seed(7)
        model, x = builder()
        for weight in model.weights:
            if weight.name == "bias":
                weight.assign(np.random.default_rng(5).normal(0, 0.3, weight.shape))
        write(folder, builder.__name__, model, x)


if __name__ == "__main__":
    main()
