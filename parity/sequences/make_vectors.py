"""Integrated Gradients over words, from the vectors of padding to those of the words, for WordVectorsTest.

    python make_vectors.py ../../core/src/test/resources/golden/vectors
"""

import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf
from keras import layers

WORDS, FEATURES, CLASSES, STEPS = 9, 6, 3, 50


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(5)
    given = keras.Input((WORDS,), dtype="int32", name="words")
    embedding = layers.Embedding(30, FEATURES, mask_zero=True, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0))
    lstm, dense = layers.LSTM(5, return_sequences=True), layers.Dense(CLASSES)
    model = keras.Model(given, layers.Softmax()(dense(layers.GlobalMaxPooling1D()(lstm(embedding(given))))))
    model.save(folder / "model.keras")

    rng = np.random.default_rng(3)
    ids = rng.integers(1, 30, (2, WORDS)).astype(np.int32)
    ids[1, 6:] = 0
    mask = ids != 0
    table = embedding.embeddings.numpy()

    def logits(vectors):
        return dense(tf.reduce_max(lstm(vectors, mask=mask), axis=1))

    points, weights = np.polynomial.legendre.leggauss(STEPS)
    points, weights = (points + 1) / 2, weights / 2
    end, start = tf.constant(table[ids]), tf.constant(table[np.zeros_like(ids)])
    maps = []
    for unit in range(CLASSES):
        mean = 0
        for point, weight in zip(points, weights):
            at = tf.cast(start + point * (end - start), tf.float32)
            with tf.GradientTape() as tape:
                tape.watch(at)
                score = tf.reduce_sum(logits(at)[:, unit])
            mean = mean + weight * tape.gradient(score, at)
        maps.append(np.sum(mean * (end - start), axis=-1))
    np.save(folder / "x.npy", ids)
    np.save(folder / "integrated_gradients.npy", np.stack(maps, -1).astype(np.float32))
    np.save(folder / "logits.npy", logits(end).numpy())


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
