"""Makes core/src/test/resources/golden/inside: Grad-CAM of layers that only reorder axes, and of layers inside TimeDistributed.

Needs the packages of requirements-keras3.txt:
    python parity/inside/make_inside.py
Of each case: the model, its input x.npy, and for each named layer the raw maps of unit 1 (before ReLU and scaling) as
<layer>.npy, slashes of the layer's path written as dots. The gradients are GradientTape's.

A layer inside TimeDistributed sees images, one for each step: each has weights of its own, the means of its gradients.
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
from keras import ops

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/inside"
BATCH = 2


def randomise(model, rng):
    model.set_weights([rng.normal(size=w.shape).astype("float32") * 0.4 if "variance" not in v.path else
                       rng.uniform(0.5, 1.5, w.shape).astype("float32") for v, w in zip(model.weights, model.get_weights())])


def cam(activation, gradient, rows=False):
    """The maps of (batch, places..., channels); rows says that places are the rows' own."""
    axes = tuple(range(1, activation.ndim - 1))
    weights = gradient.mean(axis=axes, keepdims=True)
    return (weights * activation).sum(-1)


def operation(model, name):
    """A layer, or a function of keras.ops."""
    return next(o for o in model.operations if o.name == name)


def of_layer(model, layer, x, channels=-1):
    """Grad-CAM of a layer of the model itself, whose channels are on an axis."""
    before = keras.Model(model.inputs, layer.output)
    after = keras.Model(layer.output, model.output)
    activation = tf.convert_to_tensor(before(x))
    with tf.GradientTape() as tape:
        tape.watch(activation)
        logit = after(activation)[:, 1]
    gradient = tape.gradient(logit, activation).numpy()
    return cam(np.moveaxis(activation.numpy(), channels, -1), np.moveaxis(gradient, channels, -1))


def inside(model, wrapper, name, x, steps):
    """Grad-CAM of a layer of the model inside (nested) TimeDistributed layers: each step is an image."""
    inner = wrapper.layer
    while isinstance(inner, L.TimeDistributed):
        inner = inner.layer
    layer = inner.get_layer(name)
    into = keras.Model(model.inputs, wrapper.input)(x)
    rows = tf.reshape(into, (-1, *into.shape[1 + len(steps):]))
    activation = tf.convert_to_tensor(keras.Model(inner.inputs, layer.output)(rows))
    tail = keras.Model(layer.output, inner.outputs[0])
    after = keras.Model(wrapper.output, model.output)
    with tf.GradientTape() as tape:
        tape.watch(activation)
        features = tail(activation)
        logit = after(tf.reshape(features, (BATCH, *steps, *features.shape[1:])))[:, 1]
    maps = cam(activation.numpy(), tape.gradient(logit, activation).numpy())
    return maps.reshape((BATCH, *steps, *maps.shape[1:]))


def write(name, model, shape, maps):
    rng = np.random.default_rng(len(name))
    randomise(model, rng)
    keras.backend.clear_session()
    x = rng.normal(size=(BATCH, *shape)).astype("float32")
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "model.keras")
    np.save(folder / "x.npy", x)
    for layer, of in maps.items():
        np.save(folder / f"{layer.replace('/', '.')}.npy", of(x).astype("float32"))


def turned(name, shape, turn, pool, layer, before=None, after=(), channels=-1):
    """A model of a convolution, what turns its output, and a pooling."""
    given = keras.Input(shape)
    value = turn((before or L.Conv2D(4, 3, activation="tanh", name="conv"))(given))
    for behind in after:
        value = behind(value)
    model = keras.Model(given, L.Dense(3)(L.Dense(4, activation="tanh")(pool(value))))
    write(name, model, shape, {layer: lambda x: of_layer(model, operation(model, layer), x, channels)})


def reorderings():
    pool = L.GlobalMaxPooling2D
    turned("permute", (6, 8, 2), L.Permute((2, 1, 3), name="turned"), pool(), "turned")
    turned("permute_then_dropout", (6, 8, 2), L.Permute((2, 1, 3), name="turned"), pool(), "turned", after=[L.Dropout(0.5)])
    turned("permute_then_normalization", (6, 8, 2), L.Permute((2, 1, 3), name="turned"), pool(), "turned", after=[L.BatchNormalization()])
    turned("permute_twice", (6, 8, 2), L.Permute((2, 1, 3), name="turned"), pool(), "turned", after=[L.Permute((2, 1, 3)), L.Conv2D(4, 2)])
    turned("permute_volume", (4, 5, 6, 1), L.Permute((3, 1, 2, 4), name="turned"), L.GlobalMaxPooling3D(), "turned",
           before=L.Conv3D(4, 2, activation="tanh"))
    turned("permute_sequence", (7, 5), L.Permute((2, 1), name="turned"), L.GlobalMaxPooling1D(), "turned", before=L.Conv1D(4, 3, activation="tanh"),
           channels=1)  # of the convolution: the pooling is over channels
    turned("ops_transpose", (6, 8, 2), lambda v: ops.transpose(v, (0, 2, 1, 3)), pool(), "transpose")
    turned("ops_swapaxes", (6, 8, 2), lambda v: ops.swapaxes(v, 1, 2), pool(), "swapaxes", after=[L.Dropout(0.5), L.Conv2D(4, 2)])
    turned("ops_moveaxis", (6, 8, 2), lambda v: ops.moveaxis(v, 1, 2), pool(), "moveaxis")
    turned("ops_einsum", (6, 8, 2), lambda v: ops.einsum("bhwc->bwhc", v), pool(), "einsum")
    turned("conv_lstm", (3, 6, 5, 2), lambda v: v, L.GlobalMaxPooling3D(), "lstm", before=L.ConvLSTM2D(3, 2, return_sequences=True, name="lstm"))
    turned("conv_lstm_then_normalization", (3, 6, 5, 2), L.BatchNormalization(), L.GlobalMaxPooling3D(), "lstm",
           before=L.ConvLSTM2D(3, 2, return_sequences=True, name="lstm"))


def frames(name, shape, steps, inner, head, layers, wrap=L.TimeDistributed):
    given = keras.Input((*steps, *shape))
    wrapper = wrap(inner, name="td")
    model = keras.Model(given, L.Dense(3)(head(wrapper(given))))
    path = "td" + "/layer" * len(steps)
    write(name, model, (*steps, *shape), {f"{path}/{layer}": lambda x, layer=layer: inside(model, wrapper, layer, x, steps) for layer in layers})


def steps_of_time():
    def images():
        return keras.Sequential([keras.Input((6, 8, 2)), L.Conv2D(3, 3, activation="tanh", name="a"), L.MaxPooling2D(2, name="pool"),
                                 L.Conv2D(4, 2, name="b"), L.GlobalAveragePooling2D(name="gap")])

    frames("steps_then_lstm", (6, 8, 2), (4,), images(), L.LSTM(5), ["a", "pool", "b"])
    frames("steps_then_bidirectional", (6, 8, 2), (3,), images(), L.Bidirectional(L.GRU(3)), ["a", "b"])
    frames("steps_of_steps", (6, 8, 2), (2, 3), images(), lambda v: L.LSTM(4)(L.Reshape((6, 4))(v)), ["b"],
           wrap=lambda inner, name: L.TimeDistributed(L.TimeDistributed(inner), name=name))
    sequence = keras.Sequential([keras.Input((9, 2)), L.Conv1D(4, 3, activation="tanh", name="a"), L.BatchNormalization(name="n"),
                                 L.GlobalMaxPooling1D()])
    frames("steps_of_sequences", (9, 2), (3,), sequence, L.LSTM(4), ["a", "n"])
    given = keras.Input((6, 7, 1))
    value = L.Conv2D(3, 2, name="a")(given)
    value = L.Dropout(0.3, name="drop")(L.Permute((2, 1, 3), name="turned")(value))
    functional = keras.Model(given, L.Flatten()(L.Conv2D(2, 2, name="b")(value)))
    frames("steps_of_permuted", (6, 7, 1), (3,), functional, L.LSTM(4), ["a", "turned", "drop", "b"])

    # One layer inside: without places of its own, its steps are the places.
    given = keras.Input((4, 5))
    model = keras.Model(given, L.Dense(3)(L.LSTM(4)(L.TimeDistributed(L.Dense(6, activation="tanh"), name="td")(given))))
    write("steps_of_vectors", model, (4, 5), {"td": lambda x: of_layer(model, model.get_layer("td"), x),
                                              "td/layer": lambda x: of_layer(model, model.get_layer("td"), x)})


if __name__ == "__main__":
    reorderings()
    steps_of_time()
