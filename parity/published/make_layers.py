"""Writes the layers of keras.applications, and the weights files that Keras asks for.

Needs the packages of requirements-keras3.txt:
    python parity/published/make_layers.py [FILE] [--only NAME ...]

FILE is a gzipped text, by default core/src/test/resources/golden/published/layers.txt.gz:

    file    = { network }
    network = "# " name { " " option "=" value } newline
              "! " file name " " address " " hash newline          with weights=imagenet
              { layer "|" class "|" output shape "|" parameters newline }

Layers and operators are in the order of the model. Nothing is downloaded: loading weights is left out.
"""

import argparse
import gzip
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
from keras.src.models import Functional
from keras.src.utils import file_utils

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/published/layers.txt.gz"

NAMES = (
    ["Xception", "VGG16", "VGG19", "InceptionV3", "InceptionResNetV2"]
    + ["ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2"]
    + ["MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "NASNetMobile", "NASNetLarge"]
    + ["DenseNet121", "DenseNet169", "DenseNet201"]
    + [f"EfficientNetB{i}" for i in range(8)]
    + [f"EfficientNetV2{v}" for v in ("B0", "B1", "B2", "B3", "S", "M", "L")]
    + [f"ConvNeXt{v}" for v in ("Tiny", "Small", "Base", "Large", "XLarge")]
)
V3 = ("MobileNetV3Small", "MobileNetV3Large")


def variants(name):
    """The options of each network: with its top, without, with pooling, on an odd size, and its own options."""
    sized = dict(input_shape=(224, 224, 3)) if name in V3 else {}
    yield dict(weights="imagenet", **sized)
    yield dict(weights="imagenet", include_top=False)
    small = 75 if name in ("Xception", "InceptionV3", "InceptionResNetV2") else 65
    yield dict(weights=None, include_top=False, pooling="avg", input_shape=(small + 32, small, 3))
    yield dict(weights=None, include_top=False, pooling="max")
    yield dict(weights=None, classes=7, input_shape=(96, 128, 3), classifier_activation="softmax")
    if name == "MobileNet":
        for alpha in (0.25, 0.5, 0.75):
            yield dict(weights="imagenet", alpha=alpha, input_shape=(128, 128, 3))
    if name == "MobileNetV2":
        for alpha in (0.35, 0.5, 0.75, 1.3, 1.4):
            yield dict(weights="imagenet", alpha=alpha, input_shape=(96, 96, 3))
    if name in V3:
        yield dict(weights="imagenet", alpha=0.75, **sized)
        yield dict(weights="imagenet", minimalistic=True, **sized)
        yield dict(weights="imagenet", minimalistic=True, include_top=False)
        yield dict(weights=None, alpha=1.25, **sized)
    if name in V3 or name.startswith(("EfficientNetV2B", "EfficientNetV2S", "ConvNeXt")):
        yield dict(weights=None, include_preprocessing=False, classes=3, **sized)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path, nargs="?", default=OUT)
    parser.add_argument("--only", nargs="+", default=NAMES)
    arguments = parser.parse_args()
    asked = []
    file_utils.get_file = lambda fname, origin, file_hash=None, **_: asked.append((fname, origin, file_hash)) or fname
    Functional.load_weights = lambda *_, **__: None
    # Only sizes are looked at; drawing the weights would take most of the time.
    keras.initializers.VarianceScaling.__call__ = lambda _, shape, dtype=None, **__: keras.ops.zeros(shape, dtype)
    lines = []
    for name in arguments.only:
        for options in variants(name):
            keras.backend.clear_session()
            asked.clear()
            options = {"classifier_activation": None, **options}
            model = getattr(keras.applications, name)(**options)
            lines.append(" ".join(["#", name, *(f"{k}={text(v)}" for k, v in options.items())]))
            lines += [f"! {fname} {origin} {file_hash}" for fname, origin, file_hash in asked]
            lines += [row(operation) for operation in model.operations]
            print(lines[-len(model.operations) - 1 - len(asked)], model.name, model.count_params(), flush=True)
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    with open(arguments.file, "wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    print(arguments.file, arguments.file.stat().st_size, "bytes")


def text(value):
    return "x".join(map(str, value)) if isinstance(value, tuple) else value


def row(operation):
    shape = ",".join("None" if size is None else str(size) for size in operation.output.shape[1:])
    parameters = operation.count_params() if isinstance(operation, keras.layers.Layer) else 0
    return f"{operation.name}|{operation.__class__.__name__}|{shape}|{parameters}"


if __name__ == "__main__":
    main()
