"""Builds the architectures of keras.applications with seeded random weights and writes what Keras computes with them.

Needs the packages of requirements-keras3.txt:
    python parity/applications/make_applications.py FOLDER [--only NAME ...] [--run COMMAND] [--keep] [--table FILE]
        [--loads] --run "java -cp app/target/keralens.jar parity/applications/CheckApplication.java"
    python parity/applications/make_applications.py --small [FOLDER]

The first form makes FOLDER/<architecture>/, one architecture at a time, and removes it again unless `--keep` is given.
`--run` names a program that is started with that folder as its last argument before it goes. For each model file it
prints a JSON object on a line, {"file", "seconds"}: the time to load it; and it writes its own <file>.logits.npy,
<file>.gradcam.npy and <file>.gradients.npy. Errors become a row of each of two Markdown tables; in a file that has them,
rows of other architectures stay. The script fails where a bound is exceeded. `--small` makes the few small networks that
are checked in as archives.

An architecture's folder holds model.keras and model.h5, and float32 arrays:
    in.npy         (batch, height, width, channel), smooth random images in the range of the network's preprocessing
    logits.npy     (batch, unit)
    units.npy      (batch), int32: the unit explained of each image
    gradcam.npy    (batch, h, w): sum over channels of activation * mean over space of d logit / d activation; no ReLU
    gradients.npy  (batch, height, width): mean over channels of |d logit / d input|
    about.json     architecture, keras, parameters, activation (the layer whose output Grad-CAM explains, the input of the
                   last pooling or Flatten layer), layers (name, class, output shape, parameters)
and smooth/, which holds the same of the network without kinks, as a .keras file only.

What is exact? Where a network has kinks (ReLU, hard activations, maximum pooling), a value within float32's rounding of one
lands on either side of it, and then a part of the gradient is there or not: two float32 programs that are both right differ by
far more than their rounding. So the same network is built once more in float64, and Keras' own float32 is measured against it
beside the program's. That the rules are right to the last digits is shown by the network without kinks: every kinked activation
is silu there and every maximum pooling an average; weights, sizes, connections and all else are as before.
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

LOADS = ["| architecture | parameters | `.keras` (s) | `.h5` (s) |", "| --- | ---: | ---: | ---: |"]
ERRORS = ["| architecture | images | logits | Grad-CAM | Gradients | Gradients, L2 | smooth: logits | Grad-CAM | Gradients |",
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
FILES = ["model.keras", "model.h5"]
KERAS3 = keras.__version__.startswith("3.")
SMALL_OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/applications"
BATCH = 2
PIXELS = 250 * 250  # one image only where there are more, or more parameters than
PARAMETERS = 40_000_000
KINKED = {"relu": "silu", "relu6": "silu", "leaky_relu": "silu", "hard_silu": "silu", "hard_sigmoid": "sigmoid"}
SIZES = {
    # By default these two have no size.
    "MobileNetV3Small": dict(input_shape=(224, 224, 3)),
    "MobileNetV3Large": dict(input_shape=(224, 224, 3)),
    # Keras' gradients of grouped convolutions take minutes, and float64 much memory.
    **{f"ConvNeXt{size}": dict(input_shape=(96, 96, 3)) for size in ("Tiny", "Small", "Base", "Large", "XLarge")},
    **{f"EfficientNet{size}": dict(input_shape=(300, 300, 3)) for size in ("B4", "B5", "B6", "B7", "V2S", "V2M", "V2L")},
}
METHODS = ("logits", "gradcam", "gradients")
SMALL = {
    "MobileNet": dict(alpha=0.25, input_shape=(64, 64, 3), classes=10),
    "MobileNetV2": dict(alpha=0.35, input_shape=(48, 48, 3), classes=10),
    "EfficientNet": dict(width_coefficient=0.25, depth_coefficient=0.4, default_size=48, dropout_rate=0.2, input_shape=(48, 48, 3),
                         classes=10, name="efficientnet_small"),
    "ConvNeXt": dict(depths=[1, 1, 2, 1], projection_dims=[12, 16, 24, 32], drop_path_rate=0.1, layer_scale_init_value=1e-6,
                     input_shape=(64, 64, 3), classes=10, name="convnext_small"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, nargs="?")
    parser.add_argument("--only", nargs="+", help="the architectures to make, as keras.applications names them")
    parser.add_argument("--run", type=shlex.split, help="a program to start with each folder")
    parser.add_argument("--keep", action="store_true", help="leave the folders")
    parser.add_argument("--table", type=pathlib.Path, help="where to write the table; else it is printed")
    parser.add_argument("--loads", action="store_true", help="measure the time to load only")
    parser.add_argument("--small", action="store_true", help="make the small networks that are checked in")
    arguments = parser.parse_args()
    tf.config.experimental.enable_op_determinism()
    if arguments.small:
        for name, options in SMALL.items():
            make_small(name, options, arguments.folder or SMALL_OUT)
        return
    if arguments.folder is None:
        parser.error("FOLDER is missing")
    if arguments.loads and not arguments.run:
        parser.error("--loads needs --run")
    tables = {tuple(LOADS): [], tuple(ERRORS): []}
    faults = []
    for name in arguments.only or architectures():
        about, found = make(name, arguments)
        if found:
            tables[tuple(LOADS)].append(load_row(name, about, found))
            if not arguments.loads:
                tables[tuple(ERRORS)].append(error_row(name, found))
                faults += faults_of(name, found)
            print(json.dumps({"name": name, **found}), flush=True)
        if arguments.table and found:
            text = arguments.table.read_text() if arguments.table.exists() else ""
            for head, rows in tables.items():
                text = merge(text, list(head), rows)
            arguments.table.write_text(text)
    if not arguments.table:
        for head, rows in tables.items():
            print("\n".join([*head, *rows]))
    if faults:
        sys.exit("\n".join(faults))


def merge(text, head, rows):
    """Puts rows into a table, in the order of their names, in the place of older ones."""
    lines = text.splitlines()
    if head[0] not in lines:
        lines += ["", *head]
    start = lines.index(head[0]) + len(head)
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("|")), len(lines))
    made = {row.split("|")[1] for row in rows}
    kept = [line for line in lines[start:end] if line.split("|")[1] not in made]
    return "\n".join([*lines[:start], *sorted([*kept, *rows]), *lines[end:]]) + "\n"


def architectures():
    """The functions that build a network."""
    return [name for name in dir(keras.applications) if inspect.isfunction(getattr(keras.applications, name))]


def make(name, arguments):
    """Makes one architecture's folder, runs the program on it and returns what the network is and what was found."""
    folder = arguments.folder / name
    (folder / "smooth").mkdir(parents=True, exist_ok=True)
    try:
        if arguments.loads:
            model = initial(name, {})
            for file in FILES:
                save(model, folder / file)
            return describe(name, model), {"seconds": run(folder, arguments.run)}
        model, images = network(name, {}, levels=None)
        about, found = describe(name, model), {}
        arrays = write(model, images, folder, FILES)
        (folder / "about.json").write_text(json.dumps(about) + "\n")
        whole = measure(folder, exact(model, images, arrays["units"]), arguments.run) if arguments.run else None
        smooth = without_kinks(model, name)
        if smooth:
            arrays = write(smooth, images, folder / "smooth", ["model.keras"])
        if arguments.run:
            inner = measure(folder / "smooth", exact(smooth, images, arrays["units"]), arguments.run) if smooth else whole
            image = f"{images.shape[0]} x {images.shape[1]}x{images.shape[2]}"
            found = {"seconds": whole["seconds"], "whole": whole, "smooth": inner, "kinks": bool(smooth), "image": image}
        return about, found
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


def run(folder, command):
    """Runs the program; returns the seconds to load each file."""
    answer = subprocess.run([*command, str(folder)], stdout=subprocess.PIPE, text=True, check=True)
    return {line["file"]: line["seconds"] for line in map(json.loads, answer.stdout.splitlines())}


def measure(folder, exactly, command):
    """Runs the program and measures its arrays, and those of Keras, against the exact ones."""
    loads = run(folder, command)
    keras_own = {method: np.load(folder / f"{method}.npy") for method in METHODS}
    found = {"seconds": loads, "keras": {key: distance(keras_own[key], exactly[key]) for key in METHODS}}
    for file in loads:
        own = {method: np.load(folder / f"{file}.{method}.npy").reshape(exactly[method].shape) for method in METHODS}
        errors = {key: distance(own[key], exactly[key]) for key in METHODS}
        errors["to_keras"] = {key: distance(own[key], keras_own[key]) for key in METHODS}
        found[file] = errors
    return found


def distance(actual, expected):
    """The largest error to the largest magnitude, and the error's L2 norm to the array's; of the worst image."""
    axes = tuple(range(1, expected.ndim))
    error = np.abs(actual.astype("float64") - expected)
    if not np.isfinite(error).all():
        return {"max": float("inf"), "l2": float("inf")}
    return {"max": float(np.max(np.max(error, axes) / np.max(np.abs(expected), axes))),
            "l2": float(np.max(np.sqrt(np.sum(error**2, axes) / np.sum(expected**2, axes))))}


def worst(measured, method, kind):
    return max(measured[file][method][kind] for file in measured["seconds"])


def load_row(name, about, found):
    return f"| {name} | {about['parameters']:,} | {found['seconds']['model.keras']:.2f} | {found['seconds']['model.h5']:.2f} |"


def error_row(name, found):
    def pair(measured, method, kind="max"):
        return f"{worst(measured, method, kind):.0e} / {measured['keras'][method][kind]:.0e}"

    whole, smooth = found["whole"], found["smooth"]
    cells = [*(pair(whole, method) for method in METHODS), pair(whole, "gradients", "l2")]
    cells += [pair(smooth, method) if found["kinks"] else "itself" for method in METHODS]
    return f"| {name} | {found['image']} | {' | '.join(cells)} |"


def faults_of(name, found):
    """Logits are Keras' within 1e-4. Without kinks all is exact within 1e-4, or within twice Keras' own error in float32."""
    whole, smooth = found["whole"], found["smooth"]
    checks = {f"logits, {file}": (whole[file]["to_keras"]["logits"]["max"], 1e-4) for file in whole["seconds"]}
    for method in METHODS:
        bound = max(1e-4, 2 * smooth["keras"][method]["max"])
        checks[f"{method} of the smooth network"] = (worst(smooth, method, "max"), bound)
    return [f"{name}: the error of {what} is {error:.1e}." for what, (error, bound) in checks.items() if not error <= bound]


def make_small(name, options, out):
    """Makes an archive of a small network, whose weights take few values so that they compress."""
    files = ["model.keras" if KERAS3 else "model.h5"]
    with tempfile.TemporaryDirectory() as folder:
        model, images = network(name, options, levels=4)
        arrays = write(model, images, pathlib.Path(folder), files)
        for file in files:
            check(name, pathlib.Path(folder) / file, images, arrays["logits"])
        models = {file: (pathlib.Path(folder) / file).read_bytes() for file in files}
    about = {**describe(name, model), "files": files, "options": options}
    about.pop("layers")
    archive.write(out / f"{name}-keras{3 if KERAS3 else 2}.zip", about, models, arrays)


def initial(name, options):
    """The network with the weights that Keras gives it at first."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    return builder(name)(**{"weights": None, "classifier_activation": None, **SIZES.get(name, {}), **options})


def network(name, options, levels):
    """Builds one network; returns it and images for it."""
    model = initial(name, options)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    batch = BATCH if np.prod(model.input_shape[1:3]) <= PIXELS and model.count_params() <= PARAMETERS else 1
    images = smooth_images((batch, *model.input_shape[1:]), rng) * input_range(name)
    randomise(model, rng, levels)
    calibrate(model, smooth_images((2 * batch, *model.input_shape[1:]), rng) * input_range(name), rng)
    return model, images


def write(model, images, folder, files):
    """Writes the model and what Keras computes with it."""
    arrays = explain(model, images)
    for key, array in arrays.items():
        np.save(folder / f"{key}.npy", array)
    for file in files:
        save(model, folder / file)
    return arrays


def describe(name, model):
    return {"architecture": name, "keras": keras.__version__, "parameters": model.count_params(),
            "activation": explained(model)[0], "layers": [describe_layer(layer) for layer in model.layers]}


def exact(model, images, units):
    """What Keras computes in float64 with the same weights; the units explained are those of float32."""
    try:
        keras.config.set_floatx("float64")
        double = keras.models.model_from_json(model.to_json().replace("float32", "float64"), custom_objects=own_layers())
        double.set_weights([weight.astype("float64") for weight in model.get_weights()])
        return explain(double, images.astype("float64"), units)
    finally:
        keras.config.set_floatx("float32")


def without_kinks(model, name):
    """The network with its activations made smooth and its maximum pooling an average; None if it has no kinks."""
    config = json.loads(model.to_json())
    changes = 0
    for layer in config["config"]["layers"]:
        own = layer["config"]
        if layer["class_name"] == "ReLU":
            layer.update(class_name="Activation", registered_name=None)
            layer["config"] = {"name": own["name"], "dtype": own["dtype"], "trainable": True, "activation": "silu"}
        elif layer["class_name"] == "MaxPooling2D":
            layer.update(class_name="AveragePooling2D")
        elif isinstance(own.get("activation"), str) and own["activation"] in KINKED:
            own["activation"] = KINKED[own["activation"]]
        else:
            continue
        changes += 1
    if not changes:
        return None
    smooth = keras.models.model_from_json(json.dumps(config), custom_objects=own_layers())
    smooth.set_weights(model.get_weights())
    rng = np.random.default_rng(zlib.crc32(name.encode()) + 1)
    shape = (2, *model.input_shape[1:])
    calibrate(smooth, smooth_images(shape, rng) * input_range(name), rng)
    return smooth


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
    """The layer's name whose output is explained, and that output: what the last pooling or Flatten of an image takes."""
    kinds = (keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D, keras.layers.Flatten)
    pooling = [layer for layer in model.layers if isinstance(layer, kinds) and tuple(layer.input.shape[1:3]) != (1, 1)][-1]
    value = pooling.input
    history = value._keras_history
    return (history.operation if KERAS3 else history.layer).name, value


def explain(model, images, units=None):
    inner = keras.Model(model.inputs, [explained(model)[1], model.outputs[0]])
    source = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(source)
        activation, logits = inner(source, training=False)
        units = tf.argmax(logits, axis=-1, output_type=tf.int32) if units is None else units
        score = tf.reduce_sum(tf.gather(logits, units, batch_dims=1))
    to_source, to_activation = tape.gradient(score, [source, activation])
    channel_weights = tf.reduce_mean(to_activation, axis=(1, 2), keepdims=True)
    arrays = {"in": images, "logits": logits, "units": units, "gradcam": tf.reduce_sum(channel_weights * activation, axis=-1),
              "gradients": tf.reduce_mean(tf.abs(to_source), axis=-1)}
    arrays = {key: np.asarray(value) for key, value in arrays.items()}
    for key in ("logits", "gradcam", "gradients"):
        spread, largest = float(np.std(arrays[key])), float(np.max(np.abs(arrays[key])))
        if not (1e-12 < largest < 1e12 and spread > 1e-3 * largest):
            raise AssertionError(f"{model.name}: {key} spreads by {spread:.3g} at {largest:.3g}, which shows nothing.")
    return arrays


def describe_layer(layer):
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
