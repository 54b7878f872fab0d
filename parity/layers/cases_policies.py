"""Precision policies and compiled models. See golden.py for what the functions do and for the packages needed."""

import keras
import numpy as np

from golden import KERAS3, L, case, chain

BOTH = ("h5", "keras")


def vision():
    return chain((7, 6, 3), L.Rescaling(2.0, -0.5), L.Conv2D(4, 3, padding="same"), L.BatchNormalization(), L.ReLU(max_value=6.0),
                 L.DepthwiseConv2D(3), L.GlobalAveragePooling2D(), L.Dropout(0.2), L.Dense(3), L.Activation("softmax", dtype="float32"))


def sequence():
    return chain((5, 3), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.LayerNormalization(), L.GRU(3), L.Dense(2))


for name in ("mixed_float16", "mixed_bfloat16", "float64", "float16"):
    case(f"policy_{name}", "Model", vision, policy=name, formats=BOTH)
case("policy_bfloat16", "Model", vision, policy="bfloat16", only=3)
case("policy_mixed_float16_recurrent", "Model", sequence, policy="mixed_float16", formats=BOTH)
case("policy_mixed_float16_attention", "MultiHeadAttention", lambda: attention(), policy="mixed_float16", formats=BOTH)


def attention():
    given = keras.Input((4, 6))
    return keras.Model(given, L.LayerNormalization()(L.Add()([given, L.MultiHeadAttention(2, 3)(given, given)])))


def compiled(optimizer):
    """A model that was trained for a step, so that the file holds the state of its optimizer too."""
    model = chain((6, 5, 3), L.Conv2D(2, 3), L.BatchNormalization(), L.ReLU(), L.Flatten(), L.Dense(3, activation="softmax"))
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])
    model.fit(np.ones((2, 6, 5, 3)), np.eye(3)[:2], verbose=0)
    return model


case("compiled_adam", "Model", lambda: compiled("adam"), formats=BOTH)
case("compiled_sgd", "Model", lambda: compiled(keras.optimizers.SGD(0.1, momentum=0.9)), formats=BOTH)
