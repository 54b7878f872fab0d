"""Writes a model of every layer that the functional builder makes, its weights, and what Keras computes with it.

Needs the packages of requirements-keras3.txt:
    python parity/published/make_builder.py [FOLDER]

FOLDER, by default core/src/test/resources/golden/published, gets builder.zip: the same weights as model.h5 (whole model),
model.keras, model.weights.h5; x.npy and y.npy; layers.txt (see make_layers.py). `ModelBuilderTest` builds the model in Java.
"""

import os
import pathlib
import sys
import tempfile
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from keras import layers
from keras.src.applications.convnext import LayerScale
from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

from make_layers import row

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/published"


def build():
    image = layers.Input((13, 17, 3))
    x = layers.Rescaling(1 / 128, offset=-1)(image)
    x = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.1, 1.2, 1.3])(x)
    x = layers.Normalization()(x)
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="conv1")(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", dilation_rate=2)(x)
    x = layers.LeakyReLU()(x)
    x = layers.SeparableConv2D(12, (3, 5), padding="same", use_bias=False)(x)
    x = layers.ELU()(x)
    x = layers.LayerNormalization()(x)
    x = layers.UpSampling2D(2)(x)
    x = layers.Resizing(13, 19, interpolation="bilinear")(x)
    x = layers.Conv2DTranspose(8, 3, strides=2, padding="same")(x)
    x = layers.Conv2DTranspose(8, 3, strides=2)(x)
    x = layers.Cropping2D(((1, 2), (0, 1)))(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    shared = layers.Conv2D(8, 1, groups=2, name="shared")
    a = shared(x)
    b = shared(layers.Activation("hard_silu")(x))
    x = layers.Concatenate()(
        [
            layers.Add()([a, b]),
            layers.Subtract()([a, b]),
            layers.Multiply()([a, b]),
            layers.Average()([a, b]),
            layers.Maximum()([a, b]),
            layers.Minimum()([a, b]),
        ]
    )
    x = x * 0.5 + 3.0
    stem = [layers.Conv2D(6, 2, strides=2, name="stem_conv"), layers.BatchNormalization(scale=False, name="stem_bn")]
    x = keras.Sequential(stem, name="stem")(x)
    x = x + LayerScale(0.1, 6, name="gamma")(x)
    x = CustomScaleLayer(0.3)([x, layers.Activation("tanh")(x)])
    x = layers.Dropout(0.2)(x)
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Concatenate()([layers.Flatten()(x * pooled), layers.GlobalMaxPooling2D()(x)])
    x = layers.Reshape((-1, 2, 3))(x)
    x = layers.Flatten()(x)
    x = layers.Dense(5, name="logits")(x)
    return keras.Model(image, layers.Softmax()(x), name="builder")


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    random = np.random.default_rng(5)
    keras.utils.set_random_seed(5)
    model = build()
    for weight in model.weights:
        shape = weight.shape
        values = random.normal(0, 0.5 / np.sqrt(max(1, np.prod(shape[:-1]))), shape)
        if weight.path.endswith(("variance", "gamma")):
            values = random.uniform(0.5, 1.5, shape)
        if weight.path.endswith("count"):
            values = np.zeros(shape)
        weight.assign(values.astype("float32"))
    x = random.uniform(0, 255, (2, 13, 17, 3)).astype("float32")
    y = model(x, training=False).numpy()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(out / "builder.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        folder = pathlib.Path(folder)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)
        (folder / "layers.txt").write_text("\n".join(row(operation) for operation in model.operations) + "\n")
        model.save(folder / "model.h5")
        model.save(folder / "model.keras")
        model.save_weights(folder / "model.weights.h5")
        for path in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    print(out / "builder.zip", (out / "builder.zip").stat().st_size, "bytes;", y)


if __name__ == "__main__":
    main()
