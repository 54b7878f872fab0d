"""Makes pairs of models that differ in the order of their axes only, for AxesTest.

Each pair is a whole model with its channels last, and the configuration of its twin with the channels first;
the twin takes the weights of the first by the names of the layers. TensorFlow cannot run many of the twins on
a CPU, so the golden output is that of the model with its channels last.

    python make_axes.py ../../core/src/test/resources/golden/axes
"""

import json
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers

CASES = {}


def case(*shape):
    """A function that builds a model: of its input and the data format."""

    def register(build):
        CASES[build.__name__] = (shape, build)
        return build

    return register


def channels(data_format):
    return 1 if data_format == "channels_first" else -1


def dense(x):
    return layers.Dense(3, name="logits")(x)


@case(20, 3)
def rank1(x, f):
    x = layers.Conv1D(5, 3, padding="same", activation="relu", data_format=f)(x)
    x = layers.AveragePooling1D(2, data_format=f)(x)
    x = layers.SeparableConv1D(4, 3, padding="same", activation="relu", data_format=f)(x)
    return dense(layers.GlobalAveragePooling1D(data_format=f)(x))


@case(12, 16, 3)
def rank2(x, f):
    x = layers.Rescaling(2.0, 0.5)(x)
    x = layers.ZeroPadding2D(((1, 0), (2, 1)), data_format=f)(x)
    x = layers.Conv2D(6, 3, padding="same", data_format=f)(x)
    x = layers.BatchNormalization(axis=channels(f))(x)
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu", data_format=f)(x)
    x = layers.MaxPooling2D(2, data_format=f)(x)
    x = layers.SeparableConv2D(5, 3, padding="same", activation="relu", data_format=f)(x)
    return dense(layers.GlobalMaxPooling2D(data_format=f)(x))


@case(12, 10, 3)
def flattened(x, f):
    x = layers.Conv2D(4, 3, activation="relu", data_format=f)(x)
    x = layers.Cropping2D(((1, 0), (0, 1)), data_format=f)(x)
    return dense(layers.Flatten(data_format=f)(x))


@case(6, 8, 10, 2)
def rank3(x, f):
    x = layers.Conv3D(4, 3, padding="same", activation="relu", data_format=f)(x)
    x = layers.MaxPooling3D(2, data_format=f)(x)
    x = layers.Conv3D(5, 3, padding="same", activation="relu", data_format=f)(x)
    return dense(layers.GlobalAveragePooling3D(data_format=f)(x))


@case(5, 8, 10, 2)
def conv_lstm(x, f):
    x = layers.ConvLSTM2D(3, 3, padding="same", return_sequences=True, data_format=f)(x)
    if f == "channels_first":
        x = layers.Permute((2, 1, 3, 4))(x)
    x = layers.Conv3D(4, 3, padding="same", activation="relu", data_format=f)(x)
    return dense(layers.GlobalAveragePooling3D(data_format=f)(x))


@case(4, 8, 10, 3)
def time_distributed(x, f):
    x = layers.TimeDistributed(layers.Conv2D(4, 3, padding="same", activation="relu", data_format=f))(x)
    x = layers.TimeDistributed(layers.MaxPooling2D(2, data_format=f))(x)
    if f == "channels_first":
        x = layers.Permute((2, 1, 3, 4))(x)
    return dense(layers.GlobalAveragePooling3D(data_format=f)(x))


@case(8, 12, 3)
def segmentation(x, f):
    y = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", data_format=f)(x)
    y = layers.UpSampling2D(2, data_format=f)(y)
    y = layers.Concatenate(axis=channels(f))([x, y])
    y = layers.Conv2DTranspose(5, 3, padding="same", activation="relu", data_format=f)(y)
    y = layers.Conv2D(4, 1, data_format=f, name="classes")(y)
    return layers.Softmax(axis=channels(f))(y)


@case(12, 16, 3)
def permuted(x, f):
    """Takes its picture with the channels first, and computes with them last."""
    if f == "channels_first":
        x = layers.Permute((2, 3, 1))(x)
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.LayerNormalization()(x)
    return dense(layers.GlobalAveragePooling2D()(x))


@case(12, 16, 3)
def mixed(x, f):
    """Changes the order of axes inside."""
    x = layers.Conv2D(4, 3, padding="same", activation="relu", data_format=f)(x)
    x = layers.Permute((2, 3, 1) if f == "channels_first" else (3, 1, 2))(x)
    other = "channels_last" if f == "channels_first" else "channels_first"
    x = layers.Conv2D(5, 3, padding="same", activation="relu", data_format=other)(x)
    return dense(layers.GlobalAveragePooling2D(data_format=other)(x))


@case(10, 12, 3)
def attention(x, f):
    x = layers.Conv2D(6, 3, padding="same", activation="relu", data_format=f)(x)
    g = layers.GlobalAveragePooling2D(data_format=f, keepdims=True)(x)
    g = layers.Conv2D(6, 1, activation="sigmoid", data_format=f)(g)
    x = layers.Multiply()([x, g])
    x = layers.Add()([x, layers.Conv2D(6, 3, padding="same", data_format=f)(x)])
    return dense(layers.GlobalAveragePooling2D(data_format=f)(x))


def weights(variable, rng):
    values = rng.normal(0, 0.4, variable.shape)
    return np.abs(values) + 0.3 if variable.path.endswith("variance") else values


PICTURES = {
    "flattens": lambda x: layers.Dense(6, activation="relu")(layers.Flatten()(x)),
    "scales": lambda x: layers.Flatten()(layers.Rescaling(1 / 255)(x)),
    "reshapes": lambda x: conv(layers.Reshape((8, 10, 1))(x)),
    "expands": lambda x: conv(keras.ops.expand_dims(x, -1)),
    "stacks": lambda x: conv(layers.Concatenate()([layers.Reshape((8, 10, 1))(x)] * 3)),
    "sequence": lambda x: layers.GlobalAveragePooling1D()(layers.Conv1D(4, 3)(x)),
    "rows": lambda x: layers.LSTM(4)(x),
}


def conv(x):
    x = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu")(x)
    return layers.GlobalAveragePooling2D()(x)


def pictures(folder):
    """Models of (batch, 8, 10): pictures without a channel axis, and sequences of vectors."""
    x = np.random.default_rng(5).random((2, 8, 10), dtype=np.float32)
    np.save(folder / "picture-x.npy", x)
    for name, build in PICTURES.items():
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        given = keras.Input((8, 10), name="x")
        model = keras.Model(given, dense(build(given)), name=name)
        with tf.GradientTape() as tape:
            variable = tf.constant(x)
            tape.watch(variable)
            logit = model(variable)[:, 1]
        np.save(folder / f"picture-{name}-gradient.npy", tape.gradient(logit, variable).numpy())
        model.save(folder / f"picture-{name}.keras")


def twin(shape, build, data_format):
    keras.utils.clear_session()
    order = shape
    if data_format == "channels_first":
        lead = shape[:1] if build.__name__ in ("conv_lstm", "time_distributed") else ()
        order = (*lead, shape[-1], *shape[len(lead) : -1])
    x = keras.Input(order, name="x")
    return keras.Model(x, build(x, data_format), name="model")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (shape, build) in CASES.items():
        keras.utils.set_random_seed(7)
        last = twin(shape, build, "channels_last")
        rng = np.random.default_rng(3)
        last.set_weights([weights(w, rng) for w in last.weights])
        x = rng.random((2, *shape), dtype=np.float32)
        np.save(folder / f"{name}-x.npy", x)
        np.save(folder / f"{name}-y.npy", last(x).numpy())
        last.save(folder / f"{name}-last.keras")
        first = twin(shape, build, "channels_first")
        assert [w.shape for w in first.weights] == [w.shape for w in last.weights], name
        config = json.loads(first.to_json())
        (folder / f"{name}-first.json").write_text(json.dumps(config, separators=(",", ":")))
        print(name, last.output_shape, first.output_shape)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
    pictures(pathlib.Path(sys.argv[1]))
