#!/usr/bin/env python3
"""Trains the shapes model and writes shapes.keras and classes.json beside this script.

Needs: keras 3.15, tensorflow-cpu 2.21, numpy 2.4, pillow 13.

Seeded: the same scenes in the same order from the same first weights. The sums of a multithreaded convolution may differ
in their last bits from machine to machine, so the weights agree closely, not bit by bit. Training reads scenes of
TRAINING_SEED only; the held-out scenes have another seed.

The network learns from the labels of a picture and, unless --mask-weight is 0, from where the shapes are: the logits
layer applied to each place of the last feature map shall also tell the kinds that are visible there. That learns faster than
labels alone, and it makes the model use the object and not its surroundings.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

import scenes

HERE = Path(__file__).resolve().parent
TRAINING_SEED = 1


def _rectified(x, name):
    x = layers.BatchNormalization(epsilon=1e-5, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _convolution(x, filters, size, stride, name):
    return layers.Conv2D(
        filters, size, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)


def _block(x, filters, stride, name):
    # Pre-activation residual block (He et al. 2016, figure 4e), with a 1x1 projection where the shape changes.
    inner = _rectified(x, f"{name}_1")
    if stride != 1 or x.shape[-1] != filters:
        x = _convolution(inner, filters, 1, stride, f"{name}_shortcut")
    inner = _convolution(inner, filters, 3, stride, f"{name}_1_conv")
    inner = _convolution(_rectified(inner, f"{name}_2"), filters, 3, 1, f"{name}_2_conv")
    return layers.Add(name=f"{name}_add")([x, inner])


def build():
    """The untrained network: pictures (batch, 96, 96, 3) in 0..255 to scores (batch, class) in 0..1."""
    inputs = keras.Input((scenes.SIZE, scenes.SIZE, 3), name="picture")
    x = layers.Rescaling(1 / 255, name="rescaling")(inputs)
    x = _convolution(x, 24, 3, 2, "stem_conv")
    for stage, (filters, stride, blocks) in enumerate([(24, 1, 1), (48, 2, 2), (96, 2, 2)], start=1):
        for block in range(1, blocks + 1):
            x = _block(x, filters, stride if block == 1 else 1, f"stage{stage}_block{block}")
    x = _rectified(x, "post")
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    x = layers.Dense(len(scenes.CLASSES), name="logits")(x)
    return keras.Model(inputs, layers.Activation("sigmoid", name="scores")(x), name="shapes")


class PlaceLogits(keras.layers.Layer):
    """The logits layer's kernel applied to each place of a feature map, with a scale and a bias of its own. Training only."""

    def __init__(self, logits):
        super().__init__(name="places")
        self._logits = logits

    def build(self, shape):
        self._scale = self.add_weight(shape=(), initializer=keras.initializers.Constant(0.3), name="scale")
        self._shift = self.add_weight(shape=(), initializer=keras.initializers.Constant(-2.0), name="bias")

    def call(self, features):
        return keras.ops.matmul(features, self._logits.kernel) * self._scale + self._shift


class Batches(keras.utils.PyDataset):
    """Shuffled batches. A scene turned, mirrored or with its colours swapped is a scene: each is seen another way every time."""

    def __init__(self, pictures, labels, places, size, seed):
        super().__init__()
        self._pictures, self._labels, self._places = pictures, labels, places
        self._size, self._seed, self._epoch = size, seed, 0
        self._order = self._shuffled()

    def _shuffled(self):
        return np.random.default_rng([self._seed, self._epoch]).permutation(len(self._pictures))

    def __len__(self):
        return len(self._pictures) // self._size

    def __getitem__(self, index):
        rng = np.random.default_rng([self._seed, self._epoch, index])
        chosen = self._order[index * self._size : (index + 1) * self._size]
        pictures = np.empty((self._size, *self._pictures.shape[1:]), np.float32)
        places = np.empty((self._size, *self._places.shape[1:]), np.float32)
        for row, position in enumerate(chosen):
            turns, step = rng.integers(4), rng.choice([1, -1])
            pictures[row] = np.rot90(self._pictures[position], turns)[:, ::step, rng.permutation(3)]
            places[row] = np.rot90(self._places[position], turns)[:, ::step] / 255
        return pictures, (self._labels[chosen].astype(np.float32), places)

    def on_epoch_end(self):
        self._epoch += 1
        self._order = self._shuffled()


def _share_visible(masks, side):
    """The share of each place of a (side, side) grid that a mask covers, uint8 in 0..255."""
    cells = masks.reshape(side, scenes.SIZE // side, side, scenes.SIZE // side, -1)
    return np.rint(255 * cells.mean(axis=(1, 3))).astype(np.uint8)


def cached_scenes(count, side, folder):
    """Training scenes, drawn once and kept in a folder: pictures, labels, and the share of each place that each kind covers."""
    path = folder / f"scenes-{TRAINING_SEED}-{count}-{side}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        drawn = [scenes.scene(TRAINING_SEED, number) for number in range(count)]
        np.savez(
            path,
            pictures=np.stack([s.picture for s in drawn]),
            labels=np.stack([s.labels() for s in drawn]),
            places=np.stack([_share_visible(s.class_masks(), side) for s in drawn]),
        )
    with np.load(path) as arrays:
        return arrays["pictures"], arrays["labels"], arrays["places"]


class Progress(keras.callbacks.Callback):
    """Prints the losses and saves a model every few batches, so that a stopped run leaves what it has learnt."""

    def __init__(self, model, output, every=50):
        super().__init__()
        self._saved, self._output, self._every = model, output, every

    def on_train_batch_end(self, batch, logs=None):
        if (batch + 1) % self._every == 0:
            print(f"batch {batch + 1}: " + ", ".join(f"{name} {value:.4f}" for name, value in logs.items()), flush=True)
            self._save()

    def on_epoch_end(self, epoch, logs=None):
        self._save()

    def _save(self):
        # Beside, then moved into place: stopping in the middle leaves the file of before.
        beside = self._output.with_name("saving-" + self._output.name)
        self._saved.save(beside)
        beside.replace(self._output)


def train(model, arrays, epochs, batch_size, seed, mask_weight, output):
    """Trains the model in place and saves it as it goes. It stays uncompiled, so that its file holds no optimizer."""
    batches = Batches(*arrays, batch_size, seed)
    steps = epochs * len(batches)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, steps - steps // 20, alpha=0.002, warmup_target=3e-3, warmup_steps=steps // 20
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.01)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias", "scale"])
    logits = model.get_layer("logits")
    places = PlaceLogits(logits)(model.get_layer("pooling").input)
    trained = keras.Model(model.input, [logits.output, places])
    trained.compile(
        optimizer,
        [keras.losses.BinaryCrossentropy(from_logits=True), keras.losses.BinaryCrossentropy(from_logits=True)],
        loss_weights=[1.0, mask_weight],
    )
    trained.fit(batches, epochs=epochs, verbose=2, callbacks=[Progress(model, output)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=12000, help="training scenes to draw (12000)")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0, help="of the first weights and the order (0)")
    parser.add_argument("--mask-weight", type=float, default=2.0, help="of the loss over places; 0 learns from labels alone (2)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "shapes", help="where drawn scenes are kept")
    parser.add_argument("-o", "--output", type=Path, default=HERE / "shapes.keras")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(arguments.seed)
    model = build()
    side = model.get_layer("pooling").input.shape[1]
    arrays = cached_scenes(arguments.scenes, side, arguments.cache)
    print(f"{model.count_params():,} parameters, {arguments.scenes:,} scenes, {arguments.epochs} epochs")
    train(model, arrays, arguments.epochs, arguments.batch_size, arguments.seed, arguments.mask_weight, arguments.output)
    (HERE / "classes.json").write_text(json.dumps(scenes.CLASSES) + "\n")


if __name__ == "__main__":
    main()
