"""Makes vit_keras_*.keras and their maps in core/src/test/resources/golden/methods: small vision transformers of Keras'
MultiHeadAttention, and what attention rollout and gradient times attention (Chefer et al., 2021, equations 5 and 6) come to,
computed in Keras from the attention scores that its layers give.

Python 3.11, parity/requirements-keras3.txt.
"""
import pathlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"
UNITS, WIDTH, HEADS, PLACES = 3, 16, 4, 12


def blocks(x, count=3):
    for i in range(count):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=0.1, name=f"attention_{i}")(y, y)
        x = layers.Add()([x, y])
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        y = layers.Dense(WIDTH)(layers.Dense(2 * WIDTH, activation="gelu")(y))
        x = layers.Add()([x, y])
    return layers.LayerNormalization(epsilon=1e-6)(x)


def convolved(x):
    return layers.Reshape((PLACES, WIDTH))(layers.Conv2D(WIDTH, 4, strides=4)(x))


def extracted(x):
    return layers.Dense(WIDTH)(ops.reshape(ops.image.extract_patches(x, 4), (-1, PLACES, 48)))


def arranged(x):
    x = ops.transpose(ops.reshape(x, (-1, 3, 4, 4, 4, 3)), (0, 1, 3, 2, 4, 5))
    return layers.Dense(WIDTH)(ops.reshape(x, (-1, PLACES, 48)))


def with_class(x):
    """A class token, made of zeros, and positions."""
    token = layers.Dense(WIDTH, bias_initializer="normal")(ops.zeros_like(x[:, :1]))
    x = layers.Concatenate(axis=1)([token, x])
    places = ops.cast(ops.cumsum(ops.ones_like(x[:, :, 0]), axis=1) - 1, "int32")
    return x + layers.Embedding(PLACES + 1, WIDTH)(places)


def networks():
    x = keras.Input((12, 16, 3))
    yield "class", x, layers.Dense(UNITS)(blocks(with_class(convolved(x)))[:, 0]), [0]
    x = keras.Input((12, 16, 3))
    pooled = layers.GlobalAveragePooling1D()(blocks(extracted(x)))
    yield "pooled", x, layers.Dense(UNITS)(pooled), range(PLACES)
    x = keras.Input((12, 16, 3))
    behind = layers.GlobalAveragePooling1D()(blocks(with_class(arranged(x)))[:, 1:])
    yield "patches", x, layers.Dense(UNITS)(behind), range(1, PLACES + 1)
    x = keras.Input((12, 16, 3))
    y = layers.Conv2D(WIDTH, 4, strides=4)(x)
    for i in range(2):
        y = y + layers.MultiHeadAttention(HEADS, 4, attention_axes=(1, 2), name=f"attention_{i}")(y, y)
    yield "two_axes", x, layers.Dense(UNITS)(layers.GlobalAveragePooling2D()(y)), range(PLACES)


def run(model, x):
    """The network's operations one after another, with the scores of attention kept."""
    kept = []

    def call(operation):
        def called(*args, **kwargs):
            if not isinstance(operation, layers.MultiHeadAttention):
                return operation(*args, **kwargs)
            y, scores = attend(operation, args[0])
            kept.append(scores)
            return y

        return called

    return model._run_through_graph(x, operation_fn=lambda operation: call(operation)), kept


def attend(layer, x):
    """Self-attention by the layer's weights: its own fused path gives no scores to differentiate."""
    shape = x.shape
    rows = tf.reshape(x, (shape[0], -1, shape[-1]))
    q, k, v = (
        tf.einsum("btc,chd->bhtd", rows, getattr(layer, f"_{n}_dense").kernel) + getattr(layer, f"_{n}_dense").bias[:, None]
        for n in ("query", "key", "value")
    )
    scores = tf.nn.softmax(tf.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(layer._key_dim), -1)
    mixed = tf.einsum("bhqk,bhkd->bqhd", scores, v)
    y = tf.einsum("bqhd,hdc->bqc", mixed, layer._output_dense.kernel) + layer._output_dense.bias
    return tf.reshape(y, shape), scores


def main():
    keras.utils.set_random_seed(5)
    x = np.random.randn(2, 12, 16, 3).astype("float32")
    np.save(OUT / "vit_keras_x.npy", x)
    for name, inputs, outputs, answering in networks():
        model = keras.Model(inputs, outputs)
        for layer in model.layers:
            if isinstance(layer, layers.MultiHeadAttention):
                for dense in (layer._query_dense, layer._key_dense):
                    dense.kernel.assign(dense.kernel * 3)
        model.save(OUT / f"vit_keras_{name}.keras")
        rollouts, attributions = [], []
        for unit in range(UNITS):
            with tf.GradientTape() as tape:
                start = tf.constant(x)
                tape.watch(start)
                y, kept = run(model, start)
                score = tf.reduce_sum(y[:, unit])
            np.testing.assert_allclose(y, model(x), atol=1e-4)
            gradients = tape.gradient(score, kept)
            tokens = kept[0].shape[-1]
            rolled = relevance = np.broadcast_to(np.eye(tokens), (2, tokens, tokens))
            for weights, gradient in zip(kept, gradients):
                weights, gradient = weights.numpy().astype("float64"), gradient.numpy().astype("float64")
                rolled = (weights.mean(1) + np.eye(tokens)) / 2 @ rolled
                relevance = relevance + np.maximum(weights * gradient, 0).mean(1) @ relevance
            for maps, seen in ((rollouts, rolled), (attributions, relevance)):
                maps.append(seen[:, list(answering)].mean(1)[:, -PLACES:].reshape(2, 3, 4))
        np.save(OUT / f"vit_keras_{name}_rollout.npy", np.stack(rollouts, -1).astype("float32"))
        np.save(OUT / f"vit_keras_{name}_attribution.npy", np.stack(attributions, -1).astype("float32"))


main()
