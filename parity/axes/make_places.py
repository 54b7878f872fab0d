"""Makes models whose places do not lie as the input's do, for PlacesTest.

    python make_places.py ../../core/src/test/resources/golden/places
"""

import pathlib
import sys

import keras
from keras import layers


def turned(x):
    """Rows and columns are exchanged between two convolutions."""
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="before")(x)
    x = layers.Permute((2, 1, 3), name="turn")(x)
    x = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="after")(x)
    return layers.GlobalAveragePooling2D()(x)


def mirrored(x):
    """The picture is turned around after the first convolution."""
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="before")(x)
    x = keras.ops.flip(x, axis=2)
    x = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="after")(x)
    return layers.GlobalAveragePooling2D()(x)


def backward(x):
    """Keras gives the steps of the first layer from the last to the first."""
    x = layers.GRU(5, return_sequences=True, go_backwards=True, name="backward")(x)
    x = layers.Bidirectional(layers.GRU(4, return_sequences=True), name="both")(x)
    return layers.GlobalAveragePooling1D()(x)


def bidirectional(x):
    x = layers.Bidirectional(layers.GRU(4, return_sequences=True), name="both")(x)
    return layers.GlobalAveragePooling1D()(x)


def features(x):
    """The pooling joins what the first layer made of each step, and keeps the steps apart."""
    x = layers.Dense(12, activation="relu", name="before")(x)
    return layers.GlobalAveragePooling1D()(layers.Permute((2, 1))(x))


def cropped(x):
    """Only the middle of the picture is looked at."""
    x = layers.CenterCrop(6, 10)(x)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="after")(x)
    return layers.GlobalAveragePooling2D()(x)


def last_steps(x):
    """Only the last four of nine steps are looked at."""
    x = layers.Conv1D(5, 3, padding="same", activation="relu", name="after")(x[:, -4:])
    return layers.GlobalAveragePooling1D()(x)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    picture, sequence = (12, 20, 3), (9, 4)
    for build in (turned, mirrored, cropped, backward, bidirectional, features, last_steps):
        keras.utils.clear_session()
        keras.utils.set_random_seed(7)
        given = keras.Input(picture if build in (turned, mirrored, cropped) else sequence, name="x")
        keras.Model(given, layers.Dense(3)(build(given)), name=build.__name__).save(folder / f"{build.__name__}.keras")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
