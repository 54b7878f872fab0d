"""Makes small models that take numbers of 0 to 65535, and what Keras predicts for a 16-bit image with them.

    python make_sixteen_bit_models.py

Needs keras 3 with any backend, numpy and pillow; the checked-in files were made with Keras 3.15.1 on TensorFlow 2.21. It reads
core/src/test/resources/golden/deep/gray.png, which make_deep_images.py makes, by `keras.utils.load_img`, and writes models and
`predictions.json` beside it.
"""

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers

FOLDER = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/deep"


def beginnings():
    yield "rescaling", lambda x: layers.Rescaling(1 / 65535)(x)
    yield "flipped", lambda x: layers.Rescaling(2 / 65535, -1)(layers.RandomFlip()(x))
    yield "normalization", lambda x: layers.Normalization(mean=[31000.0], variance=[1.5e8])(x)
    yield "divided", lambda x: x / 65535.0
    yield "eight_bits", lambda x: layers.Rescaling(1 / 255)(x)


def main():
    image = keras.utils.load_img(FOLDER / "gray.png", color_mode="grayscale")
    x = keras.utils.img_to_array(image)[None]
    predictions = {}
    for name, begin in beginnings():
        keras.utils.set_random_seed(3)
        inputs = keras.Input((19, 23, 1))
        h = layers.Conv2D(2, 5, activation="relu")(begin(inputs))
        outputs = layers.Dense(3, activation="softmax", kernel_initializer="random_normal")(layers.Flatten()(h))
        model = keras.Model(inputs, outputs)
        model.save(FOLDER / f"{name}.keras")
        seen = x / 257 if name == "eight_bits" else x
        predictions[name] = model.predict(seen, verbose=0)[0].astype(float).tolist()
    (FOLDER / "predictions.json").write_text(json.dumps(predictions, indent=1))


if __name__ == "__main__":
    main()
