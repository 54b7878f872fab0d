"""Makes core/src/test/resources/golden/hub: small models of KerasHub with random weights, and what Keras computes with them.

Needs keras-hub==0.32.0 and the packages of requirements-keras3.txt:
    python parity/hub/make_hub.py [case ..]
For each case: model.keras as KerasHub saves it, x.npy of two images, out.npy in single precision, and for one class in double
precision gradients.npy, of the images, mean over the colors, and cam.npy, Grad-CAM's maps at a layer; explained.txt names the layer
and the class. KerasHub fixes some widths; weights have few values and many zeros, so that the files stay small.
"""

import os
import pathlib
import sys
import zipfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import tensorflow as tf
from cases import CASES

import convolutions  # noqa: F401
import blocks  # noqa: F401
import detectors  # noqa: F401
import tokens  # noqa: F401
import arguments  # noqa: F401

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/hub"


def weight(generator, variable):
    """Few values, many zeros; what the layer gives keeps about the size of what it takes."""
    shape, name = variable.shape, variable.name
    if name in ("gamma", "moving_variance"):
        return generator.integers(4, 12, shape) / 8
    if name in ("reg_scale", "upsampling_factor"):
        return generator.integers(4, 12, shape) / 4
    if len(shape) < 2:
        return generator.integers(-4, 5, shape) / 16 + (name == "scale")
    fan = np.prod(shape[:-2]) if "depthwise" in name else np.prod(shape[:-1])
    dense = min(1, 16 / fan)
    values = generator.choice([-1.5, -1, 1, 1.5], shape) * (generator.random(shape) < dense)
    return np.round(values * 64 / np.sqrt(fan * dense)) / 64


def set_weights(model, seed):
    generator = np.random.default_rng(seed)
    model.set_weights([weight(generator, variable) for variable in model.weights])


def find(model, path):
    """A layer by the path that Keralens names it by: names in models, attributes in layers, places in lists."""
    at = model
    for step in path.split("/"):
        if isinstance(at, list):
            at = at[int(step)]
        elif isinstance(at, dict):
            at = at[step]
        elif isinstance(at, keras.Model):
            at = at.get_layer(step)
        else:
            at = getattr(at, step)
    return at


def to_logits(model):
    last = model.layers[-1]
    while isinstance(last, keras.Sequential):
        last = last.layers[-1]
    if getattr(last, "activation", None) in (keras.activations.softmax, keras.activations.sigmoid):
        last.activation = keras.activations.linear


def tapped(model, call_model, layer, x, unit):
    """A logit's gradient of the images, what a layer gives on the way, and the gradient of that."""
    seen = []
    call = layer.call

    def recording(*args, **kwargs):
        seen.append(call(*args, **kwargs))
        return seen[-1]

    layer.call = recording
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        logit = call_model(model, x)[..., unit]
        if len(logit.shape) > 1:
            logit = tf.reduce_sum(logit, range(1, len(logit.shape)))
    layer.call = call
    return tape.gradient(logit, x).numpy(), seen[-1].numpy(), tape.gradient(logit, seen[-1]).numpy()


def on_grid(tokens, grid):
    """(batch, tokens, channels) as (batch, rows, columns, channels), without the tokens before the picture's."""
    rows, columns = grid
    return tokens[:, -rows * columns:].reshape(len(tokens), rows, columns, -1)


def smaller(path):
    """The same archive, compressed; weights too, which Keras stores as they are."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def make(name, seed):
    case = CASES[name]
    build, layer, size = case.build, case.layer, case.size
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.clear_session()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    model = build()
    set_weights(model, seed)
    model.optimizer = None
    model.save(folder / "model.keras")
    smaller(folder / "model.keras")
    model = keras.models.load_model(folder / "model.keras")  # What is made of weights on loading counts.
    weights = model.get_weights()
    x = np.random.default_rng(seed + 1).integers(-16, 17, (2, *size)).astype("float32") / 16
    np.save(folder / "x.npy", x)
    np.save(folder / "out.npy", case.call(model, x).numpy())
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    double = build()
    double.set_weights(weights)
    to_logits(double)
    found = []
    for unit in range(3):
        gradients, activation, gradient = tapped(double, case.call, find(double, layer), tf.constant(x.astype("float64")), unit)
        if activation.ndim == 3:
            activation, gradient = (on_grid(tokens, case.grid) for tokens in (activation, gradient))
        cam = (activation * gradient.mean((1, 2), keepdims=True)).sum(-1)
        found.append((cam.max((1, 2)).min(), unit, gradients.mean(-1), cam))
    _, unit, gradients, cam = max(found, key=lambda each: each[0])
    np.save(folder / "gradients.npy", gradients.astype("float32"))
    np.save(folder / "cam.npy", cam.astype("float32"))
    (folder / "explained.txt").write_text(f"{layer} {unit}{' named' if case.named else ''}\n")
    print(name, np.abs(case.call(model, x).numpy()).max(), np.abs(gradients).max(), cam.max((1, 2)), cam.shape,
          sum(f.stat().st_size for f in folder.iterdir()))


if __name__ == "__main__":
    for name, case in CASES.items():
        if not sys.argv[1:] or name in sys.argv[1:]:
            make(name, case.seed)
