"""Makes the archives keras_*.zip of core/src/test/resources/golden/heads: one small network with the ends that Keras models have.

Needs the packages of requirements-keras3.txt:
    python parity/heads/make_keras_heads.py [--only TEXT] [--out FOLDER]
The gradients are those of GradientTape, of each unit of the logits, arranged as the output is, summed over places:
the mean over the channels of the input.
"""

import argparse
import os
import pathlib
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from pack import OUT, pack

HEADS = {}


def head(function):
    """A function from the features to the output and to the logits, arranged alike, the units last."""
    HEADS["keras_" + function.__name__] = function
    return function


def pooled(features, units, name="logits"):
    return layers.Dense(units, name=name)(layers.GlobalAveragePooling2D()(features))


@head
def softmax_reshape(features):
    z = layers.Conv2D(3, 1, name="logits")(layers.GlobalAveragePooling2D(keepdims=True)(features))
    return layers.Reshape((3,))(layers.Softmax()(z)), layers.Reshape((3,))(z)


@head
def activation_flatten(features):
    z = layers.Conv2D(3, 1, name="logits")(layers.GlobalMaxPooling2D(keepdims=True)(features))
    return layers.Flatten()(layers.Activation("softmax")(z)), layers.Flatten()(z)


@head
def softmax_permuted(features):
    z = layers.Reshape((3, 2))(pooled(features, 6))
    return layers.Flatten()(layers.Permute((2, 1))(layers.Softmax(axis=1)(z))), layers.Flatten()(layers.Permute((2, 1))(z))


@head
def softmax_dropout_linear(features):
    z = pooled(features, 3)
    return layers.Activation("linear")(layers.Dropout(0.3)(layers.Softmax()(z))), z


@head
def softmax_clipped(features):
    z = pooled(features, 3)
    return ops.clip(ops.softmax(z), 1e-7, 1 - 1e-7), z


@head
def softmax_temperature(features):
    z = pooled(features, 3) / 2.5
    return layers.Reshape((3, 1))(ops.softmax(z)), layers.Reshape((3, 1))(z)


@head
def softmax_written_out(features):
    z = pooled(features, 3)
    e = ops.exp(z - ops.max(z, axis=-1, keepdims=True))
    return e / ops.sum(e, axis=-1, keepdims=True), z


@head
def softmax_written_out_first_axis(features):
    z = layers.Reshape((3, 2))(pooled(features, 6))
    e = ops.exp(z)
    return ops.reshape(e / ops.expand_dims(ops.sum(e, axis=1), 1), (-1, 6)), layers.Flatten()(z)


@head
def softmax_less_maximum(features):
    z = pooled(features, 3)
    return ops.softmax((z - ops.max(z, axis=-1, keepdims=True)) * 0.5), z * 0.5


@head
def log_of_softmax(features):
    z = pooled(features, 3)
    return ops.log(ops.softmax(z) + 1e-7), z


@head
def log_softmax_reshape(features):
    z = pooled(features, 4)
    return layers.Reshape((2, 2))(layers.Activation("log_softmax")(z)), layers.Reshape((2, 2))(z)


@head
def log_softmax_written_out(features):
    z = pooled(features, 3)
    return z - ops.logsumexp(z, axis=-1, keepdims=True), z


@head
def sigmoid_written_out(features):
    z = pooled(features, 3)
    return 1 / (1 + ops.exp(-z)), z


@head
def sigmoid_by_tanh(features):
    z = pooled(features, 3)
    return 0.5 * ops.tanh(z / 2) + 0.5, z


@head
def sigmoid_absent(features):
    z = pooled(features, 2)
    return 1 - ops.sigmoid(z), -z


@head
def sigmoid_and_complement(features):
    z = pooled(features, 1)
    p = layers.Activation("sigmoid")(z)
    return layers.Concatenate()([1 - p, p]), layers.Concatenate()([-z, z])


@head
def complement_stacked(features):
    z = pooled(features, 1)
    p = ops.squeeze(layers.Activation("sigmoid")(z), -1)
    return ops.stack([1 - p, p], axis=1), layers.Concatenate()([-z, z])


@head
def hard_sigmoid_reshape(features):
    z = pooled(features, 4)
    return layers.Reshape((1, 4))(layers.Activation("hard_sigmoid")(z)), layers.Reshape((1, 4))(z)


@head
def log_sigmoid(features):
    z = pooled(features, 2)
    return layers.Activation("log_sigmoid")(z), z


@head
def heads_joined(features):
    a, b, c = pooled(features, 3, "a"), pooled(features, 2, "b"), pooled(features, 1, "c")
    return layers.Concatenate()([layers.Softmax()(a), layers.Softmax()(b), layers.Activation("sigmoid")(c)]), layers.Concatenate()([a, b, c])


@head
def score_and_softmax_joined(features):
    a, b = pooled(features, 2, "a"), pooled(features, 3, "b")
    return layers.Concatenate()([a, layers.Softmax()(b)]), layers.Concatenate()([a, b])


@head
def squeezed(features):
    z = pooled(features, 1)
    return ops.squeeze(layers.Activation("sigmoid")(z), axis=-1), z


@head
def reshaped_to_one_axis(features):
    z = pooled(features, 1)
    return layers.Reshape(())(layers.Activation("sigmoid")(z)), z


@head
def summed_to_one_axis(features):
    z = pooled(features, 1)
    return ops.sum(ops.sigmoid(z), axis=-1), z


@head
def first_of_softmax(features):
    z = pooled(features, 2)
    return ops.softmax(z)[:, 1], z[:, 1:]


@head
def score_of_one_axis(features):
    z = pooled(features, 1)
    return ops.squeeze(z, axis=-1), z


@head
def sequence_softmax_reshape(features):
    z = layers.Dense(3, name="logits")(layers.Reshape((8, 16))(features))
    return layers.Reshape((2, 4, 3))(layers.Softmax()(z)), layers.Reshape((2, 4, 3))(z)


@head
def segmentation_clipped(features):
    z = layers.Conv2D(3, 1, name="logits")(features)
    return ops.clip(layers.Softmax()(z), 1e-6, 1.0), z


@head
def softmax_twice(features):
    """What enters the last softmax is explained, although it is a softmax itself."""
    z = layers.Dense(3, activation="softmax", name="logits")(layers.GlobalAveragePooling2D()(features))
    return layers.Softmax()(z), z


@head
def softmax_of_sigmoid(features):
    z = layers.Activation("sigmoid")(pooled(features, 3))
    return layers.Softmax()(z), z


@head
def mean_of_softmaxes(features):
    """Nothing is known of the logits: the output itself is explained."""
    a, b = pooled(features, 3, "a"), pooled(features, 3, "b")
    mean = layers.Average()([layers.Softmax()(a), layers.Softmax()(b)])
    return mean, mean


@head
def divided_by_sum(features):
    """Probabilities that no softmax makes."""
    z = ops.softplus(pooled(features, 3))
    share = z / ops.sum(z, axis=-1, keepdims=True)
    return share, share


def make(name, out):
    keras.utils.set_random_seed(11)
    x = keras.Input((8, 8, 3), name="x")
    features = layers.Conv2D(4, 3, padding="same", strides=2 if "sequence" not in name else 1, activation="relu", name="features",
                             bias_initializer="random_normal")(x)
    if "sequence" in name:
        features = layers.Conv2D(2, 3, padding="same", activation="relu", name="more")(features)
    output, logits = HEADS[name](features)
    model = keras.Model(x, output)
    both = keras.Model(x, [output, logits])
    for layer in model.layers:
        layer.set_weights([w * 1.7 for w in layer.get_weights()])
    images = np.random.default_rng(5).normal(size=(2, 8, 8, 3)).astype(np.float32)
    with tf.GradientTape(persistent=True) as tape:
        given = tf.constant(images)
        tape.watch(given)
        z = both(given, training=False)[1]
        scores = tf.reduce_sum(z, axis=list(range(1, len(z.shape) - 1)))
        units = [tf.reduce_sum(scores[:, u]) for u in range(scores.shape[1])]
    gradients = [tf.reduce_mean(tape.gradient(unit, given), -1).numpy() for unit in units]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.keras"
        model.save(path)
        pack(out, name, ("model.keras", path.read_bytes()),
             {"x": images, "output": both(images, training=False)[0].numpy(), "scores": scores.numpy(), "gradients": np.stack(gradients, -1)})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    for case in HEADS:
        if arguments.only in case:
            make(case, arguments.out)
