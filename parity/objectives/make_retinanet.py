"""Boxes of KerasHub's RetinaNet: random offsets, and what its anchors make of them.

Needs requirements-keras3.txt and keras-hub 0.32. Writes into
core/src/test/resources/golden/objectives.
"""

import pathlib

import keras
import numpy as np
from keras_hub.src.layers.modeling.anchor_generator import AnchorGenerator

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/objectives"
HEIGHT, WIDTH = 40, 48


def main():
    generator = AnchorGenerator(
        "yxyx",
        min_level=3,
        max_level=7,
        num_scales=3,
        aspect_ratios=[0.5, 1.0, 2.0],
        anchor_size=4,
    )
    anchors = generator(np.zeros((1, HEIGHT, WIDTH, 3), "float32"))
    anchors = keras.ops.concatenate(list(anchors.values()), axis=0)
    offsets = np.random.default_rng(7).normal(0, 0.3, anchors.shape).astype("float32")
    boxes = keras.utils.bounding_boxes.decode_deltas_to_boxes(
        anchors=anchors,
        boxes_delta=offsets[None],
        encoded_format="center_xywh",
        anchor_format="yxyx",
        box_format="xyxy",
        variance=[1.0, 1.0, 1.0, 1.0],
        image_shape=(HEIGHT, WIDTH, 3),
    )
    OUT.mkdir(parents=True, exist_ok=True)
    np.save(OUT / "retinanet_offsets.npy", offsets)
    np.save(OUT / "retinanet_boxes.npy", np.asarray(boxes, "float32")[0])


if __name__ == "__main__":
    main()
