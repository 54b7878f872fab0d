"""Builds the architectures of keras.applications with seeded random weights and writes what Keras computes with them.

Needs the packages of requirements-keras3.txt:
    python parity/applications/make_applications.py FOLDER [--only NAME ...] [--run COMMAND] [--keep] [--table FILE]
        --run "java -cp app/target/keralens.jar parity/applications/CheckApplication.java"
    python parity/applications/make_applications.py --small [FOLDER]

The first form makes FOLDER/<architecture>/, one architecture at a time, and removes it again unless `--keep` is given.
`--run` names a program that is started with that folder as its last argument before it goes; it prints one JSON object per
line and model file, {"file", "seconds", "logits", "gradcam", "gradients"}: the time to load it and the largest errors.
They become the rows of a Markdown table; in a file that has a table, rows of other architectures stay. `--small` makes the few small networks that are checked in as archives.

An architecture's folder holds model.keras and model.h5, and float32 arrays:
    in.npy         (batch, height, width, channel), smooth random images in the range of the network's preprocessing
    logits.npy     (batch, unit)
    units.npy      (batch), int32: the unit explained of each image
    gradcam.npy    (batch, h, w): sum over channels of activation * mean over space of d logit / d activation; no ReLU
    gradients.npy  (batch, height, width): mean over channels of |d logit / d input|
    about.json     architecture, keras, parameters, activation (the layer whose output Grad-CAM explains, the input of the
                   last pooling or Flatten layer), layers (name, class, output shape, parameters)
"""

import argparse
import importlib
import inspect
import json
import logging
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import zlib

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import absl.logging

absl.logging.set_verbosity("error")
logging.getLogger("tensorflow").setLevel("ERROR")

import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "layers"))
import archive

HEAD = ["| architecture | parameters | file | load (s) | logits | Grad-CAM | gradients |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: |"]
KERAS3 = keras.__version__.startswith("3.")
SMALL_OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/applications"
BATCH = 2
SMALL = {
    "MobileNet": dict(alpha=0.25, input_shape=(64, 64, 3), classes=10),
    "MobileNetV2": dict(alpha=0.35, input_shape=(48, 48, 3), classes=10),
    "EfficientNet": dict(width_coefficient=0.25, depth_coefficient=0.4, default_size=48, dropout_rate=0.2, input_shape=(48, 48, 3),
                         classes=10, name="efficientnet_small"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", nargs="+", help="the architectures to make, as keras.applications names them")
    parser.add_argument("--run", type=shlex.split, help="a program to start with each folder")
    parser.add_argument("--keep", action="store_true", help="leave the folders")
    parser.add_argument("--table", type=pathlib.Path, help="where to write the table; else it is printed")
    parser.add_argument("--small", action="store_true", help="make the small networks that are checked in")
    arguments = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    if arguments.small:
        for name, options in SMALL.items():
            make_small(name, options, arguments.folder or SMALL_OUT)
        return
    if arguments.folder is None:
        parser.error("FOLDER is missing")
    rows = [row for name in arguments.only or architectures() for row in make(name, arguments)]
    if arguments.table:
        merge(arguments.table, rows)
    else:
        print("\n".join([*HEAD, *rows]))


def merge(path, rows):
    """Puts rows into the table of a file, in the order of their names, in the place of older ones."""
    lines = path.read_text().splitlines() if path.exists() else HEAD
    start = lines.index(HEAD[-1]) + 1
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("|")), len(lines))
    made = {row.split("|")[1] for row in rows}
    kept = [line for line in lines[start:end] if line.split("|")[1] not in made]
    path.write_text("\n".join([*lines[:start], *sorted([*kept, *rows]), *lines[end:]]) + "\n")


def architectures():
    """The functions that build a network."""
    return [name for name in dir(keras.applications) if inspect.isfunction(getattr(keras.applications, name))]


def make(name, arguments):
    """Makes one architecture's folder, runs the program on it and returns the table's rows."""
    folder = arguments.folder / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        about, files, arrays = build(name, {}, folder, levels=None)
        for key, array in arrays.items():
            np.save(folder / f"{key}.npy", array)
        (folder / "about.json").write_text(json.dumps(about) + "\n")
        if not arguments.run:
            return [f"| {name} | {about['parameters']:,} | {file} | | | | |" for file in files]
        answer = subprocess.run([*arguments.run, str(folder)], stdout=subprocess.PIPE, text=True)
        if answer.returncode:
            return [f"| {name} | {about['parameters']:,} | failed | | | | |"]
        return [row(name, about, json.loads(line)) for line in answer.stdout.splitlines() if line.startswith("{")]
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


def row(name, about, measured):
    errors = " | ".join(f"{measured[key]:.1e}" for key in ("logits", "gradcam", "gradients"))
    return f"| {name} | {about['parameters']:,} | {measured['file']} | {measured['seconds']:.2f} | {errors} |"


def make_small(name, options, out):
    """Makes an archive of a small network, whose weights take few values so that they compress."""
    with tempfile.TemporaryDirectory() as folder:
        about, files, arrays = build(name, options, pathlib.Path(folder), levels=4)
        models = {file: (pathlib.Path(folder) / file).read_bytes() for file in files}
    about.update(files=sorted(files), options=options)
    about.pop("layers")
    archive.write(out / f"{name}-keras{3 if KERAS3 else 2}.zip", about, models, arrays)


def build(name, options, folder, levels):
    """Builds, saves and checks one network; returns its description, the names of its files and its arrays."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    options = {"weights": None, "classifier_activation": None, **options}
    model = builder(name)(**options)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    images = smooth_images((BATCH, *model.input_shape[1:]), rng) * input_range(name)
    randomise(model, rng, levels)
    calibrate(model, smooth_images((4, *model.input_shape[1:]), rng) * input_range(name), rng)
    arrays = explain(model, images)
    files = ["model.keras", "model.h5"] if levels is None else ["model.keras"] if KERAS3 else ["model.h5"]
    for file in files:
        save(model, folder / file)
        check(name, folder / file, images, arrays["logits"])
    about = {"architecture": name, "keras": keras.__version__, "parameters": model.count_params(),
             "activation": explained(model)[0], "layers": [describe(layer) for layer in model.layers]}
    return about, files, arrays


def builder(name):
    """What builds a network: one of the published sizes, or the function behind them, which takes any size."""
    if hasattr(keras.applications, name):
        return getattr(keras.applications, name)
    prefix = "keras.src.applications." if KERAS3 else "keras.applications."
    return getattr(importlib.import_module(prefix + name.lower()), name)


def input_range(name):
    """The networks that rescale their input themselves take 0 to 255, the others roughly -1 to 1."""
    itself = name.startswith(("EfficientNet", "ConvNeXt", "MobileNetV3", "RegNet", "ResNetRS"))
    return 255.0 if itself else 1.0


def smooth_images(shape, rng):
    """Random values on a coarse grid, enlarged, and a little noise: float32 in [0, 1]."""
    coarse = rng.uniform(size=(shape[0], 6, 6, shape[3])).astype("float32")
    fine = tf.image.resize(coarse, shape[1:3], "bicubic").numpy() + 0.03 * rng.normal(size=shape)
    return np.clip(fine, 0, 1).astype("float32")


def randomise(model, rng, levels):
    """Seeded weights of a size that keeps signals alive; with `levels`, kernels take just so many values."""
    for weight in model.weights:
        kind = weight.dtype if isinstance(weight.dtype, str) else weight.dtype.name
        leaf = getattr(weight, "path", weight.name).split("/")[-1].split(":")[0]
        shape = tuple(weight.shape)
        if not kind.startswith("float") or leaf in ("mean", "variance", "moving_mean", "moving_variance"):
            continue
        if leaf == "gamma":
            values = rng.uniform(0.8, 1.2, shape)
        elif len(shape) < 2:
            values = 0.1 * rng.normal(size=shape)
        else:
            fan_in = np.prod(shape[:2]) if leaf == "depthwise_kernel" else np.prod(shape[:-1])
            values = rng.normal(size=shape) if levels is None else (rng.integers(0, levels, shape) * 2 - levels + 1) / 2
            values *= (2 / fan_in) ** 0.5 / (1 if levels is None else np.std(np.arange(levels)))
        weight.assign(values.astype(kind))


def calibrate(model, images, rng):
    """Batch normalization gets the statistics of a forward pass, each moved a little."""
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = 0.0
    model(images, training=True)
    for layer, momentum in zip(norms, momenta):
        layer.momentum = momentum
        variance = np.maximum(np.asarray(layer.moving_variance), 1e-3)
        layer.moving_mean.assign(np.asarray(layer.moving_mean) + 0.1 * np.sqrt(variance) * rng.normal(size=variance.shape))
        layer.moving_variance.assign(variance * rng.uniform(0.8, 1.25, variance.shape))


def explained(model):
    """The name of the layer whose output is explained, and that output: the input of the last pooling or Flatten layer."""
    kinds = (keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D, keras.layers.Flatten)
    pooling = [layer for layer in model.layers if isinstance(layer, kinds)][-1]
    value = pooling.input
    history = value._keras_history
    return (history.operation if KERAS3 else history.layer).name, value


def explain(model, images):
    inner = keras.Model(model.inputs, [explained(model)[1], model.outputs[0]])
    source = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(source)
        activation, logits = inner(source, training=False)
        units = tf.argmax(logits, axis=-1, output_type=tf.int32)
        score = tf.reduce_sum(tf.gather(logits, units, batch_dims=1))
    to_source, to_activation = tape.gradient(score, [source, activation])
    channel_weights = tf.reduce_mean(to_activation, axis=(1, 2), keepdims=True)
    arrays = {"in": images, "logits": logits, "units": units, "gradcam": tf.reduce_sum(channel_weights * activation, axis=-1),
              "gradients": tf.reduce_mean(tf.abs(to_source), axis=-1)}
    arrays = {key: np.asarray(value) for key, value in arrays.items()}
    for key in ("logits", "gradcam", "gradients"):
        spread = float(np.std(arrays[key]))
        if not 1e-6 < spread < 1e6:
            raise AssertionError(f"{model.name}: {key} spreads by {spread:.3g}, which shows nothing.")
    return arrays


def describe(layer):
    shape = getattr(layer, "output_shape", None) if not KERAS3 else layer.output.shape if hasattr(layer, "output") else None
    if isinstance(shape, list):
        shape = shape[0]
    return [layer.name, type(layer).__name__, list(shape), layer.count_params()]


def save(model, path):
    if path.suffix == ".keras" and not KERAS3:
        model.save(path, save_format="keras_v3")
    else:
        model.save(path)


def check(name, path, images, expected):
    with keras.utils.custom_object_scope(own_layers()):
        loaded = keras.models.load_model(path, compile=False)
    error = np.max(np.abs(np.asarray(loaded(images, training=False)) - expected))
    if not error <= 1e-5 * max(1, np.max(np.abs(expected))):
        raise AssertionError(f"{name}: the logits of {path.name} loaded again differ by {error:.3g}.")


def own_layers():
    """The layers that keras.applications defines, and Keras 2.12's ReLU, whose numbers it does not read back from .keras."""
    found = {}
    for module in ("convnext", "inception_resnet_v2"):
        source = importlib.import_module(f"keras.src.applications.{module}" if KERAS3 else f"keras.applications.{module}")
        for name in ("LayerScale", "StochasticDepth", "CustomScaleLayer"):
            if hasattr(source, name):
                found[name] = getattr(source, name)
    return found if KERAS3 else {**found, "ReLU": RepairedReLU}


class RepairedReLU(keras.layers.ReLU):
    def __init__(self, **config):
        numbers = {key: value["config"]["value"] for key, value in config.items()
                   if isinstance(value, dict) and value.get("class_name") == "__numpy__"}
        super().__init__(**{**config, **numbers})


if __name__ == "__main__":
    main()
