"""Makes keras.zip of core/src/test/resources/golden/scaling: the usual ways to scale pixels inside a model.

Needs the packages of requirements-keras3.txt:
    python parity/scaling/make_keras.py
For each case the archive has a tiny model and what its first layer with weights, `first`, sees of photo.png in Keras, where the
model is fed with pixels of 0 to 255.
"""

import io
import os
import pathlib
import sys
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
from PIL import Image
from keras import layers, ops
from keras.applications import densenet, mobilenet_v2, resnet50

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "layers"))
import archive

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/scaling"
SIZE = (12, 16, 3)


def photo():
    """Not square, in all colours, from 0 to 255."""
    rows, columns = np.mgrid[0:1:12j, 0:1:16j]
    red, green = 255 * rows, 255 * columns
    blue = 255 * (0.5 + 0.5 * np.sin(9 * rows + 5 * columns))
    return np.round(np.stack([red, green, blue], -1)).astype("uint8")


def rescaled(x):
    return layers.Rescaling(1 / 255)(x)


def after(layer):
    return lambda x: rescaled(layer(x))


def normalized(x):
    return layers.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.229**2, 0.224**2, 0.225**2])(rescaled(x))


def augmentation():
    return keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.1)])


def head(x):
    return layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x))


def plain(begin, dtype="float32"):
    inputs = keras.Input(SIZE, dtype=dtype)
    seen = begin(inputs)
    x = layers.Conv2D(4, 3, activation="relu", name="first")(seen)
    return keras.Model(inputs, head(x)), keras.Model(inputs, seen)


def nested(begin):
    """Scaled in a model inside the model."""
    inner = keras.Input(SIZE)
    seen = rescaled(inner)
    backbone = keras.Model(inner, layers.Conv2D(4, 3, activation="relu", name="first")(seen), name="backbone")
    inputs = keras.Input(SIZE)
    x = begin(inputs)
    return keras.Model(inputs, head(backbone(x))), keras.Model(inputs, keras.Model(inner, seen)(x))


def normalization_first():
    inputs = keras.Input(SIZE)
    x = layers.BatchNormalization(name="first")(inputs)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    return keras.Model(inputs, head(x)), keras.Model(inputs, layers.Identity()(inputs))


def branches():
    """One of two branches is convolved, and both are rescaled."""
    inputs = keras.Input(SIZE)
    seen = rescaled(inputs)
    one = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")(seen)
    x = layers.Concatenate()([one, layers.Rescaling(1 / 255)(inputs)])
    return keras.Model(inputs, head(layers.Conv2D(4, 3)(x))), keras.Model(inputs, seen)


CASES = {
    "rescaling": lambda: plain(rescaled),
    "augmentation_rescaling": lambda: plain(after(augmentation())),
    "mobilenet_v2": lambda: plain(mobilenet_v2.preprocess_input),
    "resnet50": lambda: plain(resnet50.preprocess_input),
    "densenet": lambda: plain(densenet.preprocess_input),
    "divided": lambda: plain(lambda x: x / 255),
    "multiplied": lambda: plain(lambda x: x * (1 / 255)),
    "cast_divided": lambda: plain(lambda x: ops.cast(x, "float32") / 255),
    "nested": lambda: nested(lambda x: x),
    "augmentation_nested": lambda: nested(augmentation()),
    "resizing": lambda: plain(lambda x: layers.Resizing(10, 14)(x) / 127.5 - 1),
    "open_normalization": normalization_first,
    "random_hue": lambda: plain(after(layers.RandomHue(0.1))),
    "gaussian_noise": lambda: plain(after(layers.GaussianNoise(0.1))),
    "dropout": lambda: plain(after(layers.Dropout(0.1))),
    "random_color_jitter": lambda: plain(after(layers.RandomColorJitter(brightness_factor=0.1))),
    "permute": lambda: plain(after(layers.Permute((2, 1, 3)))),
    "reshape": lambda: plain(after(layers.Reshape((16, 12, 3)))),
    "rand_augment": lambda: plain(after(layers.RandAugment())),
    "cropping": lambda: plain(after(layers.Cropping2D(2))),
    "concatenate": lambda: plain(after(lambda x: layers.Concatenate()([x, x]))),
    "identity": lambda: plain(after(layers.Identity())),
    "linear": lambda: plain(after(layers.Activation("linear"))),
    "pipeline": lambda: plain(after(layers.Pipeline([layers.RandomFlip()]))),
    "grayscale": lambda: plain(after(ops.image.rgb_to_grayscale)),
    "solarization": lambda: plain(after(layers.Solarization())),
    "random_grayscale": lambda: plain(after(layers.RandomGrayscale())),
    "bgr": lambda: plain(after(lambda x: x[..., ::-1])),
    "pipeline_rescaling": lambda: plain(layers.Pipeline([layers.RandomFlip(), layers.Rescaling(1 / 255)])),
    "rescaling_normalization": lambda: plain(normalized),
    "subtracted": lambda: plain(lambda x: x - 127.5),
    "branches": branches,
    "auto_contrast": lambda: plain(after(layers.AutoContrast())),
    # Neighbours.
    "uint8": lambda: plain(rescaled, "uint8"),
    "uint8_cast": lambda: plain(lambda x: ops.cast(x, "float32"), "uint8"),
    "int32": lambda: plain(lambda x: ops.cast(x, "float32") / 127.5 - 1, "int32"),
    "uint16": lambda: plain(lambda x: ops.cast(x, "float32") / 255, "uint16"),
    "clipped": lambda: plain(lambda x: ops.clip(x, 0, 255) / 255),
    "padded": lambda: plain(after(layers.ZeroPadding2D(1))),
    "powers": lambda: plain(lambda x: ops.sqrt(x / 255)),
    "luminance": lambda: plain(lambda x: ops.sum(x * np.array([0.299, 0.587, 0.114], "float32"), -1, keepdims=True) / 255),
    "of_unit": lambda: plain(lambda x: (x - np.array([0.485, 0.456, 0.406], "float32")) / np.array([0.229, 0.224, 0.225], "float32")),
    "of_unit_doubled": lambda: plain(lambda x: x * 2 - 1),
    "of_unit_caffe": lambda: plain(lambda x: x[..., ::-1] * 255 - np.array([103.939, 116.779, 123.68], "float32")),
    "of_signs": lambda: plain(lambda x: (x + 1) / 2),
    "of_signs_255": lambda: plain(lambda x: x * 127.5 + 127.5),
    "of_16_bits": lambda: plain(lambda x: x / 65535),
    "nothing": lambda: plain(lambda x: layers.Identity()(x)),
}


# What the case is fed with where it is not pixels of 0 to 255.
FED = {
    "of_unit": lambda x: x / 255,
    "of_unit_doubled": lambda x: x / 255,
    "of_unit_caffe": lambda x: x / 255,
    "of_signs": lambda x: x / 127.5 - 1,
    "of_signs_255": lambda x: x / 127.5 - 1,
    "of_16_bits": lambda x: x * 257,
    "nothing": lambda x: x / 255,
    "open_normalization": lambda x: x / 255,
}


def main():
    png = io.BytesIO()
    Image.fromarray(photo()).save(png, "png")
    pixels = photo()[None].astype("float32")
    models, arrays = {"photo.png": png.getvalue()}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, build in CASES.items():
            keras.utils.set_random_seed(1)  # Cases of the same layers have the same weights.
            model, seen = build()
            path = pathlib.Path(folder) / (name + ".keras")
            model.save(path)
            models[path.name] = path.read_bytes()
            x = FED.get(name, lambda x: x)(pixels)
            arrays[name] = np.asarray(seen(x.astype(model.inputs[0].dtype), training=False)).astype("float32")
    archive.write(OUT / "keras.zip", {"keras": keras.__version__}, models, arrays)


if __name__ == "__main__":
    main()
