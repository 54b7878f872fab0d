"""Makes models with layers that published packages bring, and what Keras computes with them, for KnownClassesTest.

    python make_known_classes.py

Needs tensorflow and keras 2.12; the checked-in files were made with them. The classes are written anew here, by what the
packages document: AutoKeras' CastToFloat32 casts, efficientnet's FixedDropout is a Dropout.
"""

from pathlib import Path

import h5py
import numpy as np
import tensorflow as tf
from tensorflow import keras

FOLDER = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/known"


@keras.utils.register_keras_serializable("Custom")
class CastToFloat32(keras.layers.Layer):
    def call(self, inputs):
        return tf.cast(inputs, "float32")


class FixedDropout(keras.layers.Dropout):
    pass


def save(name, layer):
    keras.utils.set_random_seed(1)
    x = keras.Input((9, 9, 3), name="x")
    h = keras.layers.Conv2D(4, 3, activation="relu")(layer(x))
    y = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling2D()(h))
    model = keras.Model(x, y)
    model.save(FOLDER / name)
    data = np.random.default_rng(2).uniform(0, 1, (2, 9, 9, 3)).astype("float32")
    np.save(FOLDER / f"{name}.in.npy", data)
    np.save(FOLDER / f"{name}.npy", model.predict(data, verbose=0))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    save("autokeras.keras", CastToFloat32())
    save("fixed_dropout.h5", FixedDropout(0.2))
    with h5py.File(FOLDER / "empty.weights.h5", "w") as file:
        file.attrs["layer_names"] = np.array([], dtype="S1")
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = "2.12.0"


if __name__ == "__main__":
    main()
