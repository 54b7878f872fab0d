"""Makes golden cases with Keras 2.0 to 2.3, whose files name, leave out and default some arguments otherwise than later ones.

Needs the packages of requirements-keras224.txt or requirements-keras231.txt:
    python parity/layers/make_old_layers.py [--out FOLDER]
Writes <case>-keras<version>.zip with model.h5 beside the cases of make_layers.py, in the same form.
"""

import argparse
import os
import pathlib
import tempfile
import warnings
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.filterwarnings("ignore", category=FutureWarning)

import numpy as np
import tensorflow as tf

getattr(tf, "logging", tf.compat.v1.logging if hasattr(tf, "compat") else None).set_verbosity("ERROR")

import keras
from keras import backend as K
from keras import layers as L

import archive

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/layers"
BATCH = 2


def branches(shape, *layers):
    given = keras.layers.Input(shape)
    outputs = [layer(given) for layer in layers]
    return keras.models.Model(given, outputs if len(outputs) > 1 else outputs[0])


def chain(shape, *layers):
    value = given = keras.layers.Input(shape)
    for layer in layers:
        value = layer(value)
    return keras.models.Model(given, value)


def sequential(*layers):
    model = keras.models.Sequential()
    for layer in layers:
        model.add(layer)
    return model


def two(shape, other, *layers):
    given = [keras.layers.Input(shape), keras.layers.Input(other)]
    outputs = [layer(given) for layer in layers]
    return keras.models.Model(given, outputs if len(outputs) > 1 else outputs[0])


def embedded():
    given = keras.layers.Input((5,), dtype="int32")
    return keras.models.Model(given, L.LSTM(3)(L.Embedding(7, 4, mask_zero=True)(given)))


def backbone():
    return chain((9, 8, 3), L.Conv2D(4, 3, strides=2, padding="same", name="conv"), L.BatchNormalization(name="bn"),
                 L.Activation("relu"), L.GlobalAveragePooling2D())


def nested():
    given = keras.layers.Input((9, 8, 3))
    inner = backbone()
    return keras.models.Model(given, L.Dense(3)(inner(given)))


def used_twice():
    given = [keras.layers.Input((9, 8, 3)), keras.layers.Input((9, 8, 3))]
    inner = backbone()
    return keras.models.Model(given, L.Dense(2)(L.Concatenate()([inner(given[0]), inner(given[1])])))


def compiled():
    model = sequential(L.Dense(4, activation="relu", input_shape=(5,)), L.BatchNormalization(), L.Dense(3, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.train_on_batch(np.ones((2, 5)), np.eye(3)[:2])
    return model


def from_states():
    given, other = keras.layers.Input((5, 3)), keras.layers.Input((4, 3))
    states = L.LSTM(4, return_state=True)(given)[1:]
    return keras.models.Model([given, other], L.LSTM(4, return_sequences=True)(other, initial_state=states))


IMAGE, SEQUENCE = (7, 6, 3), (5, 3)
RECURRENT = (L.LSTM, L.GRU, L.SimpleRNN)
CASES = {
    "sequential": ("Sequential", lambda: sequential(
        L.Conv2D(4, 3, activation="relu", input_shape=IMAGE), L.MaxPooling2D(), L.Dropout(0.5), L.Flatten(), L.Dense(3, activation="softmax"))),
    "convolutions": ("Conv2D", lambda: branches(
        IMAGE, L.Conv2D(4, 3), L.Conv2D(4, 3, strides=2, padding="same", use_bias=False), L.Conv2D(3, 2, dilation_rate=2),
        L.Conv2D(4, 1, activation="elu"))),
    "convolutions_1d": ("Conv1D", lambda: branches(
        (9, 3), L.Conv1D(4, 3), L.Conv1D(4, 3, padding="causal", dilation_rate=2), L.Conv1D(4, 3, strides=2, padding="same"))),
    "convolutions_3d": ("Conv3D", lambda: branches((5, 4, 6, 2), L.Conv3D(3, 2), L.Conv3D(2, 3, strides=2, padding="same"))),
    "transposed_convolutions": ("Conv2DTranspose", lambda: branches(
        (4, 5, 3), L.Conv2DTranspose(4, 3), L.Conv2DTranspose(4, 3, strides=2, padding="same"), L.Conv2DTranspose(2, 2, strides=3))),
    "separable_convolutions": ("SeparableConv2D", lambda: branches(
        IMAGE, L.SeparableConv2D(4, 3), L.SeparableConv2D(4, 3, strides=2, padding="same", depth_multiplier=2))),
    "locally_connected": ("LocallyConnected2D", lambda: branches((5, 4, 2), L.LocallyConnected2D(3, 2), L.LocallyConnected2D(
        2, 3, strides=(2, 1), use_bias=False))),
    "locally_connected_1d": ("LocallyConnected1D", lambda: chain((7, 3), L.LocallyConnected1D(4, 3))),
    "normalizations": ("BatchNormalization", lambda: branches(
        IMAGE, L.BatchNormalization(), L.BatchNormalization(scale=False, epsilon=0.01), L.BatchNormalization(center=False),
        L.BatchNormalization(axis=1))),
    "activations": ("Activation", lambda: branches((4, 6), *[L.Activation(name) for name in (
        "softmax", "elu", "selu", "softplus", "softsign", "relu", "tanh", "sigmoid", "hard_sigmoid", "linear")])),
    "activation_layers": ("LeakyReLU", lambda: branches(
        (4, 6), L.LeakyReLU(), L.LeakyReLU(alpha=0.1), L.ELU(alpha=0.5), L.ThresholdedReLU(theta=0.4), L.PReLU(shared_axes=[1]),
        *([L.Softmax(axis=1), L.ReLU(max_value=1.5)] if hasattr(L, "ReLU") else []))),
    "pooling": ("MaxPooling2D", lambda: branches(
        IMAGE, L.MaxPooling2D(), L.MaxPooling2D(3, strides=2, padding="same"), L.AveragePooling2D(3, strides=2, padding="same"),
        L.AveragePooling2D((2, 3), strides=1), L.GlobalAveragePooling2D(), L.GlobalMaxPooling2D())),
    "pooling_1d": ("MaxPooling1D", lambda: branches(
        (9, 3), L.MaxPooling1D(), L.AveragePooling1D(3, padding="same"), L.GlobalAveragePooling1D(), L.GlobalMaxPooling1D())),
    "pooling_3d": ("MaxPooling3D", lambda: branches((5, 4, 6, 2), L.MaxPooling3D(), L.AveragePooling3D(2, strides=1))),
    "reshaping": ("Reshape", lambda: branches(
        (3, 4, 2), L.Reshape((-1, 2)), L.Permute((3, 1, 2)), L.Flatten(), L.ZeroPadding2D(((1, 2), (0, 1))), L.Cropping2D(1),
        L.UpSampling2D((2, 3)))),
    "reshaping_1d": ("UpSampling1D", lambda: branches((4, 3), L.UpSampling1D(2), L.ZeroPadding1D(1), L.Cropping1D((1, 0)))),
    "merging": ("Add", lambda: two((3, 4), (3, 4), L.Add(), L.Multiply(), L.Average(), L.Maximum(), L.Concatenate(axis=1), L.Dot(2),
                                   L.Dot(axes=2, normalize=True), *([L.Subtract()] if hasattr(L, "Subtract") else []))),
    "regularization": ("Dropout", lambda: branches(
        (4, 3), L.Dropout(0.5), L.GaussianNoise(0.1), L.GaussianDropout(0.2), L.SpatialDropout1D(0.2), L.AlphaDropout(0.1),
        L.ActivityRegularization(l1=0.1))),
    "recurrent": ("LSTM", lambda: branches(SEQUENCE, *[layer(4) for layer in RECURRENT]), "The default recurrent activation is hard_sigmoid."
                  if keras.__version__ < "2.3" else None),
    "recurrent_sequences": ("LSTM", lambda: branches(
        SEQUENCE, *[layer(3, return_sequences=True, go_backwards=True) for layer in RECURRENT])),
    "recurrent_implementations": ("LSTM", lambda: branches(SEQUENCE, *[layer(3, implementation=2) for layer in RECURRENT[:2]])),
    "recurrent_from_states": ("LSTM", from_states),
    "bidirectional": ("Bidirectional", lambda: branches(
        SEQUENCE, L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Bidirectional(L.GRU(3), merge_mode="sum"))),
    "time_distributed": ("TimeDistributed", lambda: chain((3, 6, 5, 2), L.TimeDistributed(L.Conv2D(2, 3)), L.TimeDistributed(L.Flatten()),
                                                          L.TimeDistributed(L.Dense(3)))),
    "conv_lstm2d": ("ConvLSTM2D", lambda: branches((3, 5, 4, 2), L.ConvLSTM2D(2, 2), L.ConvLSTM2D(
        2, 3, padding="same", return_sequences=True))),
    "masking": ("Masking", lambda: chain(SEQUENCE, L.Masking(0.7), L.LSTM(3))),
    "embedding": ("Embedding", embedded),
    "nested": ("Model", nested),
    "used_twice": ("Model", used_twice),
    "compiled": ("Model", compiled),
}
if hasattr(L, "DepthwiseConv2D"):
    CASES["depthwise_convolutions"] = ("DepthwiseConv2D", lambda: branches(
        IMAGE, L.DepthwiseConv2D(3), L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, use_bias=False)))
if hasattr(L, "GRU") and "reset_after" in L.GRU.__init__.__code__.co_varnames:
    CASES["gru_reset_after"] = ("GRU", lambda: branches(SEQUENCE, L.GRU(3, reset_after=True), L.GRU(3, reset_after=False)))


def write(name, row, out):
    K.clear_session()
    rng = np.random.RandomState(zlib.crc32(name.encode()))
    layer, build = row[:2]
    model = build()
    randomise(model, rng)
    inputs = [draw(name, K.int_shape(value)[1:], K.dtype(value), rng) for value in model.inputs]
    arrays = compute(model, inputs)
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "model.h5")
        model.save(path)
        again = compute(keras.models.load_model(path), inputs)
        for key, array in arrays.items():
            np.testing.assert_allclose(again[key], array, atol=1e-5, err_msg=name + ": " + key + " of the file loaded again")
        data = pathlib.Path(path).read_bytes()
    about = {"layer": layer, "keras": keras.__version__, "files": ["model.h5"]}
    if len(row) > 2 and row[2]:
        about["notes"] = row[2]
    archive.write(out / (name + "-keras" + keras.__version__ + ".zip"), about, {"model.h5": data}, arrays)


def randomise(model, rng):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            randomise(layer, rng)
        elif layer.weights:
            layer.set_weights([values(weight.name.split("/")[-1], K.int_shape(weight), rng) for weight in layer.weights])


def values(name, shape, rng):
    if name.startswith("moving_variance"):
        return rng.uniform(0.5, 2, shape)
    if name.startswith("gamma"):
        return rng.uniform(0.5, 1.5, shape)
    return rng.normal(size=shape) * max(0.25, np.prod(shape[:-1]) ** -0.5)


def draw(name, shape, kind, rng):
    if not kind.startswith("float"):
        return np.array([[3, 1, 4, 0, 0], [2, 0, 5, 1, 6]], np.int32)
    array = rng.normal(size=(BATCH,) + shape)
    array += np.copysign(0.05, array)
    if name == "masking":
        array[0, -2:] = array[1, 2] = 0.7
    return array.astype(np.float32)


def compute(model, inputs):
    """The case's arrays by name: inputs, outputs, seeds and the gradients of sum(output * seed)."""
    arrays = {}
    outputs = K.function(model.inputs + [K.learning_phase()], model.outputs)(inputs + [0])
    seeds = [np.random.RandomState(index).normal(size=value.shape).astype(np.float32) for index, value in enumerate(outputs)]
    put(arrays, "in", inputs)
    put(arrays, "out", outputs)
    sources = [index for index, value in enumerate(inputs) if value.dtype.kind == "f"]
    if sources:
        total = sum(K.sum(value * seed) for value, seed in zip(model.outputs, seeds))
        gradients = K.gradients(total, [model.inputs[index] for index in sources])
        found = K.function(model.inputs + [K.learning_phase()], gradients)(inputs + [0])
        put(arrays, "seed", seeds)
        put(arrays, "grad", [found[sources.index(index)] if index in sources else None for index in range(len(inputs))])
    return arrays


def put(arrays, name, values):
    for index, value in enumerate(values):
        if value is not None:
            arrays[name if len(values) == 1 else name + str(index)] = value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    out = parser.parse_args().out
    for name, row in CASES.items():
        write(name, row, out)
    archive.write_index(out)


if __name__ == "__main__":
    main()
