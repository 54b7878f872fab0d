"""Compares the networks by name with keras.applications: scores and Grad-CAM with the same weights.

Needs the packages of requirements-keras3.txt:
    python parity/published/make_scores.py --small
    python parity/published/make_scores.py --run "java -cp CLASSPATH dev.keralens.applications.ScoreCheck" --table docs/published.md

The first form makes the four small networks that are checked in, core/src/test/resources/golden/published/NAME.zip. The
second makes each network in a folder, starts the program with that folder as its last argument, and writes the table;
`--only` makes some networks, the others keep their rows.

A network is: network.txt (its name and options, as in layers.txt); weights.h5, weights alone, in the layout in which Keras
publishes them; x.npy (batch, height, width, channel); logits.npy (batch, class); units.npy (batch, 1), the highest;
gradcam.npy (batch, h, w), the sum over channels of activation * mean over space of d logit / d activation, where the
activation is what the last pooling or Flatten reads. Kernels hold three different values, so that they pack well.
"""

import argparse
import io
import json
import os
import pathlib
import shlex
import subprocess
import tempfile
import zipfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras.src.legacy.saving import legacy_h5_format

from make_layers import NAMES, text

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = {
    # All its classes, so that the command line's test can serve it as the published file.
    "MobileNet": dict(input_shape=(128, 128, 3), classes=1000),
    "MobileNetV2": dict(alpha=0.35, input_shape=(65, 97, 3)),
    "MobileNetV3Small": dict(alpha=0.75, input_shape=(64, 64, 3)),
    "EfficientNetB0": dict(input_shape=(61, 48, 3)),
}
POOLING = ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="make the networks that are checked in")
    parser.add_argument("--run", type=shlex.split, help="the program that compares")
    parser.add_argument("--table", type=pathlib.Path, help="where the table goes")
    parser.add_argument("--only", nargs="+", default=NAMES)
    arguments = parser.parse_args()
    keras.initializers.VarianceScaling.__call__ = lambda _, shape, dtype=None, **__: keras.ops.zeros(shape, dtype)
    if arguments.small:
        for name, options in SMALL.items():
            with tempfile.TemporaryDirectory() as folder:
                make(name, {"classes": 10, **options}, pathlib.Path(folder))
                pack(pathlib.Path(folder), ROOT / f"core/src/test/resources/golden/published/{name}.zip")
        return
    rows = known(arguments.table)
    for name in arguments.only:
        side = 107 if name in ("Xception", "InceptionV3", "InceptionResNetV2") else 96
        options = dict(input_shape=(side, side + 16, 3), classes=10)
        with tempfile.TemporaryDirectory() as folder:
            about = make(name, options, pathlib.Path(folder))
            found = json.loads(subprocess.run([*arguments.run, folder], check=True, stdout=subprocess.PIPE).stdout)
        rows[name] = row(name, about, found)
        print(name, about, found, flush=True)
        if arguments.table:
            arguments.table.write_text(table(rows))


def known(file):
    """The rows of a table that there is; networks that are not made keep theirs."""
    lines = file.read_text().splitlines() if file and file.exists() else []
    cells = [line.split(" | ")[0].removeprefix("| ") for line in lines]
    return {name: line for name, line in zip(cells, lines) if name in NAMES}


def row(name, about, found):
    return (
        f"| {name} | {about['size']} | {about['layers']} | {about['parameters']:,} "
        f"| {found['scores']:.0e} | {found['gradcam']:.0e} |\n"
    )


def make(name, options, folder):
    keras.backend.clear_session()
    options = {"weights": None, "classifier_activation": None, **options}
    model = getattr(keras.applications, name)(**options)
    # The same numbers everywhere, whatever else is made.
    random = np.random.default_rng(zlib.crc32(name.encode()))
    for weight in model.weights:
        weight.assign(values(weight, random))
    x = smooth(random, (2, *options["input_shape"])) * 255
    mode = preprocessing(name)
    x = mode(x.astype("float32")) if mode else x.astype("float32")
    target = explained(model)
    split = keras.Model(model.input, [target.output, model.output])
    with tf.GradientTape() as tape:
        activation, logits = split(x, training=False)
        units = tf.argmax(logits, axis=1)
        chosen = tf.gather(logits, units, batch_dims=1)
    gradient = tape.gradient(chosen, activation)
    gradcam = tf.reduce_sum(activation * tf.reduce_mean(gradient, axis=(1, 2), keepdims=True), axis=-1)
    logits = logits.numpy()
    assert np.isfinite(logits).all() and logits.std() > 1e-3, (name, logits)
    assert np.abs(gradcam.numpy()).max() > 0, name
    (folder / "network.txt").write_text(" ".join([name, *(f"{k}={text(v)}" for k, v in options.items())]) + "\n")
    with h5py.File(folder / "weights.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    np.save(folder / "x.npy", x)
    np.save(folder / "logits.npy", logits)
    np.save(folder / "units.npy", units.numpy()[:, None].astype("int64"))
    np.save(folder / "gradcam.npy", gradcam.numpy().astype("float32"))
    return dict(parameters=model.count_params(), layers=len(model.operations), size="x".join(map(str, x.shape[1:3])))


def values(weight, random):
    shape = tuple(weight.shape)
    kind = weight.path.rsplit("/", 1)[-1]
    if kind == "count":
        return np.zeros(shape, "float32")
    if kind.endswith("variance"):
        return random.choice([0.5, 1.0, 1.5], shape).astype("float32")
    if kind == "gamma":
        # LayerScale's gamma is small, and so is what it scales, which keeps deep networks in range.
        return random.choice([0.5, 0.75, 1.0], shape).astype("float32")
    if len(shape) < 2:
        return random.choice([-0.1, 0.0, 0.1], shape).astype("float32")
    depthwise = "dw" in weight.path or "depthwise" in weight.path
    fan = int(np.prod(shape[:2] if depthwise and kind.endswith("kernel") else shape[:-1]))
    return (random.integers(-1, 2, shape, dtype="int8") * np.float32(1) * np.sqrt(2.5 / max(1, fan))).astype("float32")


def smooth(random, shape):
    coarse = random.uniform(0, 1, (shape[0], 6, 6, shape[3]))
    return tf.image.resize(coarse, shape[1:3], "bicubic").numpy().clip(0, 1)


def preprocessing(name):
    if name.startswith(("MobileNetV3", "EfficientNet", "ConvNeXt")):
        return None
    caffe = name.startswith("VGG") or (name.startswith("ResNet") and not name.endswith("V2"))
    mode = "caffe" if caffe else "torch" if name.startswith("DenseNet") else "tf"
    return lambda x: keras.applications.imagenet_utils.preprocess_input(x, mode=mode)


def explained(model):
    """The layer whose output the last pooling or Flatten of an image reads."""
    last = [layer for layer in model.layers if layer.__class__.__name__ in POOLING and layer.input.shape[1:3] != (1, 1)][-1]
    return last.input._keras_history.operation


def pack(folder, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    print(file, file.stat().st_size, "bytes", flush=True)


def table(rows):
    out = io.StringIO()
    out.write(
        "# The networks by name, compared with Keras\n\n"
        f"Keras {keras.__version__} and Keralens with the same seeded weights, which Keras wrote to a file in the layout of its\n"
        "published ones; two smooth random pictures of the size given, ten classes. The error of the scores is relative to the\n"
        "largest score, that of Grad-CAM to the largest magnitude of the map. Made by `parity/published/make_scores.py`.\n"
        "Layers count operators, too. Their names, classes, shapes and parameters are compared in `ApplicationLayersTest`.\n\n"
        "| network | size | layers | parameters | error of scores | error of Grad-CAM |\n"
        "| --- | --- | ---: | ---: | ---: | ---: |\n"
    )
    for name in NAMES:
        if name in rows:
            out.write(rows[name].rstrip("\n") + "\n")
    return out.getvalue()


if __name__ == "__main__":
    main()
