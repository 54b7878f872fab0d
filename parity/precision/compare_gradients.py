"""Compares raw gradients in single precision with those of Keras in double precision.

    compare_gradients.py MODEL.h5 x.npy y.npy [MAPS.npy ...]

MODEL is a functional model of Keras 2 without layers of its own, x the inputs as it takes them, y the units
(images, k), MAPS what Keralens gives for them (--method gradients --filter none --resize none --units-from y.npy),
(images, height, width, k). Prints for each image the largest difference, relative to the largest gradient of the
map, for Keras itself in single precision and for each file.

Needs tensorflow 2.12 (Keras 2.12). TF_ENABLE_ONEDNN_OPTS=0 or 1 chooses TensorFlow's kernels.
"""

import sys

import keras
import numpy as np
import tensorflow as tf


def in_double(config):
    """The configuration with every type replaced."""
    if isinstance(config, dict):
        return {
            key: "float64" if key == "dtype" and value == "float32" else in_double(value)
            for key, value in config.items()
        }
    return [in_double(value) for value in config] if isinstance(config, list) else config


def logits(model):
    """The model without its final softmax."""
    last = model.layers[-1]
    if isinstance(last, (keras.layers.Softmax, keras.layers.Activation)):
        return keras.Model(model.inputs, last.input)
    if hasattr(last, "activation"):
        last.activation = keras.activations.linear
    return model


def gradients(model, x, y):
    """Mean absolute gradients over the channels, (images, height, width, k)."""
    maps = []
    for image, units in zip(x, y):
        of_image = []
        for unit in units:
            batch = tf.constant(image[None])
            with tf.GradientTape() as tape:
                tape.watch(batch)
                score = tf.reshape(model(batch, training=False), (1, -1))[0, int(unit)]
            slope = tape.gradient(score, batch)
            of_image.append(tf.reduce_mean(tf.abs(slope), axis=-1)[0].numpy())
        maps.append(np.stack(of_image, axis=-1))
    return np.stack(maps)


def report(name, maps, exact):
    """One line: the error of each image."""
    largest = np.abs(exact).max(axis=(1, 2))
    errors = (np.abs(maps - exact).max(axis=(1, 2)) / largest).max(axis=-1)
    print(f"{name:30}", " ".join(f"{error:.1e}" for error in errors))


def main(path, x, y, *files):
    x, y = np.load(x), np.load(y)
    single = keras.models.load_model(path, compile=False)
    keras.backend.set_floatx("float64")
    double = keras.Model.from_config(in_double(single.get_config()))
    double.set_weights([weight.astype("float64") for weight in single.get_weights()])
    exact = gradients(logits(double), x.astype("float64"), y)
    keras.backend.set_floatx("float32")
    report("Keras, single precision", gradients(logits(single), x.astype("float32"), y), exact)
    for file in files:
        report(file, np.load(file), exact)


if __name__ == "__main__":
    main(*sys.argv[1:])
