"""Where single precision takes another way through ReLU and max pooling than double precision, and what that does to gradients.

    compare_choices.py MODEL.keras x.npy y.npy [MAPS.npy [VALUES]]

MODEL is a functional model of Keras 3, x the inputs as it takes them, y the units (images, k), of which the first is
explained, MAPS what Keralens gives for them (--method gradients --filter none --resize none --units-from y.npy). VALUES is
a folder with what Keralens computes before each ReLU (its output serves as well) and each MaxPooling2D, NAME.npy of the
layer's name, as `Model.expose` and `predict` give it.

Prints, for Keras in single precision and for Keralens, each layer with choices (the sign of a ReLU, the place of a
maximum) that differ from those of double precision; how far its maps are from Keras' in double precision; and how far
from gradients in double precision that make its choices. Where the last is small, the choices are the whole difference.

Needs keras 3 and tensorflow.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402


def in_double(config):
    """The configuration with every type replaced."""
    if isinstance(config, dict):
        return {key: in_double(value) for key, value in config.items()}
    if isinstance(config, list):
        return [in_double(value) for value in config]
    return "float64" if config == "float32" else config


def is_relu(layer):
    activation = isinstance(layer, keras.layers.Activation) and layer.activation.__name__ in ("relu", "relu6")
    return activation or isinstance(layer, keras.layers.ReLU)


def highest(layer):
    """Above which value a ReLU is flat."""
    six = getattr(layer, "max_value", None) or (6 if getattr(layer, "activation", None) is keras.activations.relu6 else None)
    return np.inf if six is None else float(six)


def choosing(model):
    return [layer for layer in model.layers if is_relu(layer) or isinstance(layer, keras.layers.MaxPooling2D)]


def values(model, x):
    inner = keras.Model(model.inputs, [layer.input for layer in choosing(model)])
    return [np.asarray(value) for value in tf.function(lambda x: inner(x, training=False))(tf.constant(x))]


def choice(layer, value):
    """Where a ReLU passes, or which elements are maxima."""
    if is_relu(layer):
        return (value > 0) & (value < highest(layer))
    pads = layer.padding.upper()
    return tf.nn.max_pool_with_argmax(
        tf.constant(value.astype("float64")), layer.pool_size, layer.strides, pads, include_batch_in_index=True
    )[1].numpy()


def gradients(model, x, units):
    """Mean absolute gradients over the channels, of one unit an image."""

    def maps(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = tf.gather(model(x, training=False), tf.constant(units), axis=1, batch_dims=1)
        return tf.reduce_mean(tf.abs(tape.gradient(score, x)), axis=-1)

    return tf.function(maps)(tf.constant(x)).numpy().astype("float64")


def choose(layer, chosen, exact):
    """Lets a layer make these choices, whatever its input."""
    if is_relu(layer):
        flat = np.where(exact >= highest(layer), highest(layer), 0.0)
        layer.call = lambda x: x * tf.constant(chosen.astype("float64")) + tf.constant(flat)
    else:
        layer.call = lambda x: tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.constant(chosen.ravel())), chosen.shape)


def main(path, x, y, maps=None, folder=None):
    x, units = np.load(x), np.load(y)[:, 0]
    single = keras.models.load_model(path, compile=False)
    keras.config.set_floatx("float64")
    double = keras.Model.from_config(in_double(single.get_config()))
    double.set_weights([weight.astype("float64") for weight in single.get_weights()])
    keras.config.set_floatx("float32")
    for model in (single, double):
        model.layers[-1].activation = keras.activations.linear
    layers = choosing(double)
    inside = values(double, x.astype("float64"))
    right = [choice(layer, value) for layer, value in zip(layers, inside)]
    exact = gradients(double, x.astype("float64"), units)
    sides = {"Keras, single precision": (gradients(single, x, units), values(single, x))}
    if maps:
        ours = [np.load(os.path.join(folder, layer.name + ".npy")) for layer in layers] if folder else None
        sides["Keralens"] = (np.load(maps).reshape(exact.shape), ours)
    for name, (found, given) in sides.items():
        print(f"{name}: {np.abs(found - exact).max() / exact.max():.1e} of the largest value")
        if given is None:
            continue
        for layer, value, chosen, wanted in zip(layers, given, map(choice, layers, given), right):
            if (chosen != wanted).any():
                print(f"  {layer.name}: {(chosen != wanted).sum()} of {chosen.size} choices differ")
            choose(layer, chosen, inside[layers.index(layer)])
        same = gradients(double, x.astype("float64"), units)
        print(f"  from double precision with its choices: {np.abs(found - same).max() / exact.max():.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
