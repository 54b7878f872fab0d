"""RISE and D-RISE with given masks: the formulas of Petsiuk et al. (2018, 2021) in numpy.

Needs requirements-keras3.txt and onnxruntime, and net.onnx and x.npy of make_methods.py. Writes into
core/src/test/resources/golden/methods: rise_masks.npy and rise.npy, maps of net.onnx; drise.keras, a detector whose output
is (batch, boxes, 4 + 1 + classes) as YOLO's with objectness; drise_x.npy; drise_masks.npy; and the maps of all classes for
the box that is explained of each picture, with objectness and without.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import onnxruntime
from keras import layers

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"
HEIGHT, WIDTH, CLASSES, MASKS = 12, 16, 3, 40
EXPLAINED = (3.0, 2.0, 11.0, 9.0)  # left, top, right, bottom


def build():
    keras.utils.set_random_seed(21)
    x = layers.Input((HEIGHT, WIDTH, 2), name="x")
    h = layers.Conv2D(6, 3, strides=2, padding="same", activation="tanh")(x)
    h = layers.Conv2D(6, 3, padding="same", activation="tanh")(h)
    centre = layers.Rescaling((14.0, 11.0))(layers.Conv2D(2, 3, padding="same", activation="sigmoid")(h))
    size = layers.Rescaling(9.0)(layers.Conv2D(2, 3, padding="same", activation="sigmoid")(h))
    scores = layers.Conv2D(1 + CLASSES, 3, padding="same", activation="sigmoid")(h)
    y = layers.Reshape((-1, 5 + CLASSES))(layers.Concatenate()([centre, size, scores]))
    model = keras.Model(x, y)
    rng = np.random.default_rng(4)
    for w in model.weights:
        w.assign(rng.normal(0, 0.6, w.shape).astype("float32"))
    return model


def corners(boxes):
    x, y, w, h = (boxes[..., i].astype("float64") for i in range(4))
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1)


def overlap(one, many):
    width = np.maximum(0, np.minimum(one[2], many[..., 2]) - np.maximum(one[0], many[..., 0]))
    height = np.maximum(0, np.minimum(one[3], many[..., 3]) - np.maximum(one[1], many[..., 1]))
    area = (many[..., 2] - many[..., 0]) * (many[..., 3] - many[..., 1])
    return width * height / (area + (one[2] - one[0]) * (one[3] - one[1]) - width * height)


def maps(predict, x, masks, objectness):
    """Equations 2 to 6: a mask counts as much as the best of its predictions agrees with the explained one."""
    out = np.zeros((len(x), HEIGHT, WIDTH, CLASSES))
    for n, image in enumerate(x):
        plain = corners(predict(image[None])[0])
        box = plain[np.argmax(overlap(np.array(EXPLAINED), plain))]
        for mask in masks:
            found = predict((image * mask[..., None])[None])[0].astype("float64")
            p = found[:, 5:] if objectness else found[:, 4:]
            o = found[:, 4] if objectness else p.max(1)
            for unit in range(CLASSES):
                cosine = p[:, unit] / np.linalg.norm(p, axis=1)
                out[n, :, :, unit] += np.max(overlap(box, corners(found)) * cosine * o) * mask
    return (out / (0.5 * len(masks))).astype("float32")


def smooth(masks):
    return ((masks + np.roll(masks, 1, 1) + np.roll(masks, 1, 2)) / 3).astype("float32")


def rise():
    """Equation 6: the sum of the masks, each weighted by the score under it."""
    session = onnxruntime.InferenceSession(str(OUT / "net.onnx"))
    x = np.load(OUT / "x.npy")
    name = session.get_inputs()[0].name
    rng = np.random.default_rng(12)
    masks = smooth((rng.random((30, *x.shape[2:])) < 0.4).astype("float32"))
    scores = [[session.run(None, {name: image[None] * mask})[0][0] for mask in masks] for image in x]
    maps = np.einsum("nmu,mhw->nhwu", np.array(scores, "float64"), masks) / (0.4 * len(masks))
    np.save(OUT / "rise_masks.npy", masks)
    np.save(OUT / "rise.npy", maps.astype("float32"))


def main():
    rise()
    model = build()
    rng = np.random.default_rng(8)
    x = rng.normal(0, 1, (2, HEIGHT, WIDTH, 2)).astype("float32")
    cells = (rng.random((MASKS, HEIGHT // 4, WIDTH // 4)) < 0.5).astype("float32")
    masks = np.kron(cells, np.ones((1, 4, 4), "float32"))
    masks = smooth(masks)
    model.save(OUT / "drise.keras")
    np.save(OUT / "drise_x.npy", x)
    np.save(OUT / "drise_masks.npy", masks)

    def predict(images):
        return model(images).numpy()

    np.save(OUT / "drise_objectness.npy", maps(predict, x, masks, True))
    np.save(OUT / "drise.npy", maps(predict, x, masks, False))


if __name__ == "__main__":
    main()
