#!/usr/bin/env python3
"""Measures the shapes model on held-out scenes and prints the tables of README.md.

Needs: keras 3.15, tensorflow-cpu 2.21, numpy 2.4, pillow 13.

Average precision is taken over the first --scenes scenes of the held-out seed, the pointing game over those of
heldout.json. Gradients come from tf.GradientTape, so that the figures owe nothing to the program that reads the model.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

import scenes

HERE = Path(__file__).resolve().parent
BATCH = 50


def average_precision(truth, scores):
    """The mean, over the positives, of the precision among all rows that score at least as high; both arguments (row,)."""
    order = np.argsort(-scores, kind="stable")
    truth, scores = truth[order].astype(bool), scores[order]
    # Rows of one score enter together: each gets the precision at the end of its tie.
    last = np.searchsorted(-scores, -scores, side="right")
    precision = np.cumsum(truth)[last - 1] / last
    return precision[truth].mean()


class Explained:
    """A model cut at the input of its pooling layer and at its logits."""

    def __init__(self, model):
        self._both = keras.Model(model.input, [model.get_layer("pooling").input, model.get_layer("logits").output])

    def gradcam(self, pictures, unit):
        """Selvaraju et al. 2017, equations 1 and 2, resized to the picture: (batch, height, width)."""
        with tf.GradientTape() as tape:
            activations, logits = self._both(pictures, training=False)
            target = logits[:, unit]
        weights = tf.reduce_mean(tape.gradient(target, activations), axis=(1, 2), keepdims=True)
        maps = tf.nn.relu(tf.reduce_sum(weights * activations, axis=-1, keepdims=True))
        return tf.image.resize(maps, pictures.shape[1:3], method="bilinear")[..., 0].numpy()

    def gradients(self, pictures, unit):
        """Simonyan et al. 2013: the mean size of the gradient over the colour channels, (batch, height, width)."""
        with tf.GradientTape() as tape:
            tape.watch(pictures)
            target = self._both(pictures, training=False)[1][:, unit]
        return tf.reduce_mean(tf.abs(tape.gradient(target, pictures)), axis=-1).numpy()


def maps_of(method, pictures, labels):
    """The maps of every kind that a scene shows, (scene, class) -> (height, width)."""
    found = {}
    for unit in range(labels.shape[1]):
        rows = np.flatnonzero(labels[:, unit])
        for start in range(0, len(rows), BATCH):
            chosen = rows[start : start + BATCH]
            for row, values in zip(chosen, method(tf.constant(pictures[chosen], tf.float32), unit)):
                found[int(row), unit] = values
    return found


def hits(maps, masks):
    """Per class: how often the map's maximum (the first in reading order) lies in the mask, and of how many maps."""
    hit, total = np.zeros(masks.shape[-1]), np.zeros(masks.shape[-1])
    for (row, unit), values in maps.items():
        y, x = np.unravel_index(np.argmax(values), values.shape)
        # A constant map points nowhere.
        hit[unit] += masks[row, y, x, unit] and values.max() > values.min()
        total[unit] += 1
    return hit, total


def pointing_game(model, drawn):
    """Per row of the table: hits and maps per class."""
    explained = Explained(model)
    pictures, labels, masks = (np.stack(a) for a in zip(*((s.picture, s.labels(), s.class_masks()) for s in drawn)))
    # The baselines, over the same pairs of scene and kind. A point drawn evenly hits with the mask's share of the picture.
    shown = labels.astype(bool)
    middle = masks[:, scenes.SIZE // 2, scenes.SIZE // 2, :]
    total = shown.sum(axis=0)
    return {
        "Grad-CAM": hits(maps_of(explained.gradcam, pictures, labels), masks),
        "Gradients": hits(maps_of(explained.gradients, pictures, labels), masks),
        "the picture's centre": ((middle * shown).sum(axis=0), total),
        "a random point (expected)": ((masks.mean(axis=(1, 2)) * shown).sum(axis=0), total),
    }


def overlays(model, drawn, path, zoom=2):
    """Writes a sheet: a row a scene; the picture, then for every kind shown Grad-CAM and Gradients in red, maximum in white."""
    explained = Explained(model)
    rows = []
    for s in drawn:
        x = tf.constant(s.picture[None], tf.float32)
        tiles = [s.picture]
        for unit in np.flatnonzero(s.labels()):
            for method in (explained.gradcam, explained.gradients):
                values = method(x, int(unit))[0]
                share = (values / max(values.max(), 1e-12))[..., None]
                tile = s.picture * (1 - 0.7 * share) + 0.7 * share * [255, 0, 0]
                y, column = np.unravel_index(np.argmax(values), values.shape)
                tile[max(y - 1, 0) : y + 2, max(column - 1, 0) : column + 2] = 255
                tiles.append(tile.astype(np.uint8))
        tiles += [np.zeros_like(s.picture)] * (9 - len(tiles))
        rows.append(np.concatenate(tiles, axis=1))
    sheet = np.concatenate(rows)
    Image.fromarray(sheet).resize((sheet.shape[1] * zoom, sheet.shape[0] * zoom), Image.Resampling.BILINEAR).save(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=HERE / "shapes.keras")
    parser.add_argument("--scenes", type=int, default=2000, help="held-out scenes for average precision (2000)")
    parser.add_argument("--overlays", type=Path, help="also write a sheet of maps over the sample scenes")
    arguments = parser.parse_args()
    model = keras.models.load_model(arguments.model)

    pictures, labels = scenes.scenes(scenes.held_out()["seed"], arguments.scenes)
    scores = np.concatenate([model(pictures[i : i + BATCH], training=False) for i in range(0, len(pictures), BATCH)])
    precision = [average_precision(labels[:, unit], scores[:, unit]) for unit in range(len(scenes.CLASSES))]
    print(f"Average precision over {arguments.scenes} held-out scenes\n\n| kind | average precision |\n| --- | --- |")
    for name, value in zip(scenes.CLASSES, precision):
        print(f"| {name} | {value:.3f} |")
    print(f"| mean | {np.mean(precision):.3f} |")
    right = ((scores > 0.5) == labels).all(axis=1).mean()
    print(f"\nScenes with every kind right at a threshold of 0.5: {right:.3f}\n")

    drawn = scenes.held_out_scenes()
    table = pointing_game(model, drawn)
    maps = int(next(iter(table.values()))[1].sum())
    print(f"Pointing game over {len(drawn)} held-out scenes, {maps} pairs of scene and kind\n")
    print(f"| point | all | {' | '.join(scenes.CLASSES)} |\n|{' --- |' * (len(scenes.CLASSES) + 2)}")
    for name, (hit, total) in table.items():
        print(f"| {name} | {hit.sum() / total.sum():.3f} | {' | '.join(f'{v:.2f}' for v in hit / total)} |")
    if arguments.overlays:
        overlays(model, [scenes.scene(scenes.held_out()["seed"], number) for number in scenes.SAMPLES], arguments.overlays)


if __name__ == "__main__":
    main()
