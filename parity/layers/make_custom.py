"""Makes core/src/test/resources/golden/custom: models with layers that are not Keras' own.

Needs the packages of requirements-keras2.txt or requirements-keras3.txt; run it once in each environment:
    python parity/layers/make_custom.py [--out FOLDER]
Writes <case>-keras2.zip or <case>-keras3.zip with the model, its input and its output.
"""

import argparse
import os
import pathlib
import tempfile

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from keras import layers as L

import archive

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/custom"
KERAS3 = keras.__version__.startswith("3.")
registered = (keras.saving if KERAS3 else keras.utils).register_keras_serializable("Mine")


@registered
class Scale(L.Layer):
    """x * weight + offset."""

    def __init__(self, offset=0.0, **options):
        super().__init__(**options)
        self.offset = offset

    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")
        self.shift = self.add_weight(name="shift", shape=(1,), initializer="zeros")

    def call(self, x):
        return x * self.factor + self.shift + self.offset

    def get_config(self):
        return {**super().get_config(), "offset": self.offset}


@registered
class Dense(L.Layer):
    """A class of the same name as one of Keras'."""

    def call(self, x):
        return x * 2.0


def chain(shape, *layers):
    value = given = keras.Input(shape)
    for layer in layers:
        value = layer(value)
    return keras.Model(given, value)


def nested():
    inner = chain((4,), L.Dense(3, name="first"), Scale(0.5, name="scale"))
    given = keras.Input((4,))
    return keras.Model(given, L.Dense(2)(inner(given)))


CASES = {
    "custom_class": lambda: chain((4,), L.Dense(3), Scale(0.25, name="scale"), L.Dense(2)),
    "custom_class_nested": nested,
    "custom_class_named_dense": lambda: chain((4,), Dense(name="twice"), L.Dense(2)),
    "lambda": lambda: chain((4,), L.Dense(3), L.Lambda(lambda x: x * x, name="square"), L.Dense(2)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, build in CASES.items():
        keras.backend.clear_session()
        model, rng = build(), np.random.default_rng(len(name))
        model.set_weights([rng.normal(size=weight.shape) for weight in model.get_weights()])
        given = rng.normal(size=(2, 4)).astype(np.float32)
        files = {}
        with tempfile.TemporaryDirectory() as scratch:
            for file in ("model.keras", "model.h5"):
                path = pathlib.Path(scratch) / file
                model.save(path, **({} if KERAS3 or file == "model.h5" else {"save_format": "keras_v3"}))
                files[file] = path.read_bytes()
        about = {"layer": name, "keras": keras.__version__, "files": sorted(files)}
        arrays = {"in": given, "out": np.asarray(model(given, training=False))}
        archive.write(out / f"{name}-keras{3 if KERAS3 else 2}.zip", about, files, arrays)


if __name__ == "__main__":
    main()
