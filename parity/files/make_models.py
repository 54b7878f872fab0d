"""Writes small models in every file format that the installed Keras has, and what is in them.

Usage: python make_models.py FOLDER [--tf] [MODEL ..]      all models unless some are named

Packages, one environment each; --tf takes tf.keras instead of the package keras:
    keras==2.0.8  tensorflow==1.10.0  h5py==2.7.1              Python 3.6
    keras==2.2.4  tensorflow==1.14.0  h5py==2.10.0             Python 3.7
    keras==2.3.1  tensorflow==1.15.5  h5py==2.10.0             Python 3.7
    tensorflow-cpu==2.4.4  (--tf)                              Python 3.8
    tensorflow-cpu==2.8.4, 2.12.1, 2.13.1, 2.15.1              Python 3.8, 3.11
    tensorflow  keras==3.0.5, 3.3.3, 3.6.0, 3.12.0, 3.15.1     Python 3.11

The kth weight holds value(k, i) at its ith element, exact in float32 and different for each k.
FOLDER/keras-VERSION-MODEL.zip holds one model in all formats, weights.json, the list of its weights
(the layer's path, the slot, shape, k), and what model.predict gives: x0.npy (x1.npy) and y.npy.
TensorFlow's functions are taken out of saved_model.pb; they have up to 4 MB, and nothing here reads
them. Other versions of Keras 3 run beside one TensorFlow: pip install --no-deps --target DIR
keras==3.0.5, PYTHONPATH=DIR.
"""

import json
import os
import sys
import tempfile
import zipfile

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
if "--tf" in sys.argv:
    from tensorflow import keras
else:
    import keras

L = keras.layers
VERSION = getattr(keras, "__version__", "")
MAJOR = int(VERSION.split(".")[0])

# Class to the attributes that hold its weights, in the order of layer.weights.
SLOTS = {
    "Dense": ["kernel", "bias"],
    "EinsumDense": ["kernel", "bias"],
    "Conv2D": ["kernel", "bias"],
    "Conv2DTranspose": ["kernel", "bias"],
    "DepthwiseConv2D": ["depthwise_kernel", "bias"],
    "SeparableConv2D": ["depthwise_kernel", "pointwise_kernel", "bias"],
    "BatchNormalization": ["gamma", "beta", "moving_mean", "moving_variance"],
    "LayerNormalization": ["gamma", "beta"],
    "Embedding": ["embeddings"],
    "PReLU": ["alpha"],
    "LSTM": ["cell/kernel", "cell/recurrent_kernel", "cell/bias"],
    "GRU": ["cell/kernel", "cell/recurrent_kernel", "cell/bias"],
    "SimpleRNN": ["cell/kernel", "cell/recurrent_kernel", "cell/bias"],
    "LSTMCell": ["kernel", "recurrent_kernel", "bias"],
    "Bidirectional": [
        side + "_layer/cell/" + name
        for side in ("forward", "backward")
        for name in ("kernel", "recurrent_kernel", "bias")
    ],
    "MultiHeadAttention": [
        part + "_dense/" + name
        for part in ("query", "key", "value", "output")
        for name in ("kernel", "bias")
    ],
}


def has(name):
    return hasattr(L, name)


def images():
    x = start = L.Input((8, 8, 3), name="image")
    x = L.Conv2D(4, 3, name="c1")(x)
    x = L.BatchNormalization(name="b1")(x)
    x = L.Activation("relu", name="r1")(x)
    x = L.Conv2D(3, 1, use_bias=False, name="block/c2" if MAJOR < 3 else "c2")(x)
    x = L.BatchNormalization(scale=False, name="b2")(x)
    x = L.PReLU(shared_axes=[1, 2], name="p")(x)
    x = L.SeparableConv2D(5, 3, name="s")(x)
    if has("DepthwiseConv2D"):
        x = L.DepthwiseConv2D(2, name="d")(x)
    x = L.Conv2DTranspose(2, 2, name="t")(x)
    x = L.Flatten(name="f")(x)
    x = L.Dense(6, name="fc1")(x)
    x = L.Dropout(0.5, name="drop")(x)
    x = L.Dense(3, name="fc2")(x)
    return keras.models.Model(start, x, name="images")


def sequences():
    x = start = L.Input((6,), name="words")
    x = L.Embedding(10, 4, name="e")(x)
    x = L.LSTM(3, return_sequences=True, name="l")(x)
    x = L.GRU(2, return_sequences=True, name="g")(x)
    x = L.SimpleRNN(2, return_sequences=True, name="s")(x)
    x = L.Bidirectional(L.LSTM(2, return_sequences=True, name="b"), name="bi")(x)
    x = L.TimeDistributed(L.Dense(4, name="inner"), name="td")(x)
    if has("MultiHeadAttention"):
        x = L.MultiHeadAttention(2, 3, name="mha")(x, x)
        x = L.LayerNormalization(name="ln")(x)
    if has("StackedRNNCells"):
        cells = [L.LSTMCell(2, name="x"), L.LSTMCell(3, name="y")]
        x = L.RNN(L.StackedRNNCells(cells), name="stack")(x)
    else:
        x = L.Flatten(name="f")(x)
    return keras.models.Model(start, L.Dense(2, name="out")(x), name="sequences")


def frozen(layer):
    layer.trainable = False
    return layer


def nested():
    """Models in models; layers, and whole models, that are not trainable; a model used twice."""
    x = start = L.Input((4, 4, 3), name="i0")
    x = L.Conv2D(2, 1, name="k2")(x)
    x = frozen(L.Conv2D(3, 1, name="k3"))(x)
    x = L.BatchNormalization(name="n2")(x)
    deep = keras.models.Model(start, x, name="deep")

    x = start = L.Input((4, 4, 3), name="i1")
    x = L.Conv2D(3, 1, name="k1")(x)
    x = L.BatchNormalization(name="n1")(x)
    x = deep(x)
    x = frozen(L.BatchNormalization(name="n3"))(x)
    x = L.Conv2D(3, 1, name="k4")(x)
    backbone = keras.models.Model(start, x, name="backbone")

    x = start = L.Input((4, 4, 3), name="i2")
    x = L.Conv2D(3, 1, name="k1")(x)
    x = L.BatchNormalization(name="n1")(x)
    x = L.Conv2D(3, 1, name="k2")(x)
    still = frozen(keras.models.Model(start, x, name="still"))

    head = keras.models.Sequential(name="head")
    head.add(L.Dense(4, input_shape=(3,), name="a") if MAJOR < 3 else L.Dense(4, name="a"))
    head.add(L.BatchNormalization(name="b"))
    head.add(L.Dense(2, name="c"))

    one, two = L.Input((4, 4, 3), name="one"), L.Input((4, 4, 3), name="two")
    add = L.Add(name="sum")
    x = add([backbone(one), backbone(two)])
    x = L.Conv2D(3, 1, name="k1")(x)
    x = still(x)
    x = L.GlobalAveragePooling2D(name="pool")(x)
    x = head(x)
    x = L.Dense(2, name="out")(x)
    return keras.models.Model([one, two], x, name="nested")


def wrapped():
    """A sequential model, and in it a model inside a wrapper."""
    x = start = L.Input((4, 4, 3), name="f0")
    x = L.Conv2D(2, 3, name="k")(x)
    x = L.BatchNormalization(name="n")(x)
    x = L.Flatten(name="f")(x)
    x = L.Dense(3, name="d")(x)
    frame = keras.models.Model(start, x, name="frame")
    model = keras.models.Sequential(name="wrapped")
    if MAJOR < 3:
        model.add(L.TimeDistributed(frame, input_shape=(5, 4, 4, 3), name="frames"))
    else:
        model.add(L.Input((5, 4, 4, 3)))
        model.add(L.TimeDistributed(frame, name="frames"))
    model.add(L.LSTM(2, name="l"))
    model.add(L.Dense(2, name="out"))
    model.predict(np.zeros((1, 5, 4, 4, 3), "float32"))  # Keras 3.0 builds the weights only now.
    return model


def shared():
    """A layer that two models hold, and a layer of a nested model that is used by itself."""
    conv = L.Conv2D(3, 1, name="both")
    x = start = L.Input((4, 4, 3), name="i1")
    first = keras.models.Model(start, L.Conv2D(3, 1, name="own")(conv(x)), name="first")
    x = start = L.Input((4, 4, 3), name="i2")
    second = keras.models.Model(start, L.Conv2D(2, 1, name="own")(conv(x)), name="second")
    x = start = L.Input((4, 4, 3), name="i3")
    x = conv(x)
    x = second(first(x))
    x = L.Conv2D(2, 1, name="last")(x)
    return keras.models.Model(start, x, name="shared")


def attribute(layer, path):
    at = layer
    for name in path.split("/"):
        at = getattr(at, name) if hasattr(at, name) else getattr(at, "_" + name, None)
    return at


def walk(layer, path):
    """Yields path, slot and variable of all weights."""
    kind = layer.__class__.__name__
    if hasattr(layer, "layers") and isinstance(layer.layers, list):
        for inner in layer.layers:
            for found in walk(inner, path + [inner.name]):
                yield found
    elif kind == "TimeDistributed":
        for found in walk(layer.layer, path + ["layer"]):
            yield found
    elif kind == "RNN":
        for index, cell in enumerate(layer.cell.cells):
            for found in walk(cell, path + ["cell", "cells/%d" % index]):
                yield found
    else:
        for slot in SLOTS.get(kind, []):
            if slot.startswith("cell/") and not hasattr(layer, "cell"):
                slot_path = slot[5:]
            else:
                slot_path = slot.replace("/cell/", "/" if MAJOR < 3 and before_cells() else "/cell/")
            if kind == "DepthwiseConv2D" and MAJOR >= 3:
                slot_path = slot_path.replace("depthwise_kernel", "kernel")
            variable = attribute(layer, slot_path)
            if variable is not None:
                yield path, slot, variable


def before_cells():
    return not has("LSTMCell")


def fill(model):
    """Gives every weight its values; returns what weights.json says of the model."""
    rows, done = [], {}
    for path, slot, variable in walk(model, []):
        shape = list(keras.backend.get_value(variable).shape if MAJOR < 3 else variable.shape)
        if id(variable) not in done:
            done[id(variable)] = len(done) + 1
            values = value(done[id(variable)], np.arange(np.prod(shape)))
            if slot == "moving_variance":
                values = np.abs(values) + 0.5
            set_value(variable, values.reshape(shape).astype("float32"))
        rows.append({"path": path, "slot": slot, "shape": shape, "k": done[id(variable)]})
    assert len(done) == len({id(w) for w in model.weights}), [w.name for w in model.weights]
    return rows


def value(k, i):
    return ((k * 37 + i * 11) % 61 - 30) / 64.0


def set_value(variable, values):
    if MAJOR >= 3:
        variable.assign(values)
    else:
        keras.backend.set_value(variable, values)


def save(model, at):
    """Saves the model in all formats, to files whose names begin so."""
    version = tuple(int(part) for part in VERSION.split("-")[0].split(".")[:2])
    tensorflow = "--tf" in sys.argv or version >= (2, 7)
    with open(at + ".json", "w") as file:
        file.write(model.to_json())
    if MAJOR < 3:
        model.save(at + ".h5")
        model.save_weights(at + "_weights.h5", **({"save_format": "h5"} if tensorflow else {}))
    else:
        try:
            model.save(at + ".h5")
        except ValueError as error:  # Keras 3 fails where two weights of a group have one name.
            print("no HDF5 of", model.name, ":", error)
            os.remove(at + ".h5")
    if version >= (2, 12):
        model.save(at + ".keras", **({"save_format": "keras_v3"} if version == (2, 12) else {}))
        model.save_weights(at + ".weights.h5")
    if version >= (3, 4):
        from keras.src.saving import saving_lib

        saving_lib.save_model(model, at + "_unpacked", zipped=False)
    if version >= (3, 10):
        model.save_weights(at + "_sharded.weights.json", max_shard_size=8e-7)
    if tensorflow and MAJOR < 3:
        model.save_weights(at + "_checkpoint", save_format="tf")
        model.save(at + "_saved_model", save_format="tf")
        strip(os.path.join(at + "_saved_model", "saved_model.pb"))


def predict(model, folder):
    random = np.random.RandomState(1)
    inputs = []
    # Keras 3.3 does not know the inputs of a Sequential.
    if model.name == "wrapped":
        shapes = [(None, 5, 4, 4, 3)]
    else:
        shapes = [keras.backend.int_shape(x) if MAJOR < 3 else x.shape for x in model.inputs]
    for index, sizes in enumerate(shapes):
        shape = [2] + [int(size) for size in sizes[1:]]
        x = random.randint(0, 10, shape) if model.name == "sequences" else random.uniform(-1, 1, shape)
        inputs.append(x.astype("float32"))
        np.save(os.path.join(folder, "x%d.npy" % index), inputs[-1])
    y = model.predict(inputs[0] if len(inputs) == 1 else inputs)
    np.save(os.path.join(folder, "y.npy"), y)


def strip(path):
    from tensorflow.core.protobuf import saved_model_pb2

    message = saved_model_pb2.SavedModel()
    with open(path, "rb") as file:
        message.ParseFromString(file.read())
    for graph in message.meta_graphs:
        graph.ClearField("graph_def")
        graph.ClearField("signature_def")
        graph.object_graph_def.ClearField("concrete_functions")
        for node in graph.object_graph_def.nodes:
            if node.WhichOneof("kind") in ("function", "bare_concrete_function"):
                node.Clear()
    with open(path, "wb") as file:
        file.write(message.SerializeToString())


def pack(folder, out):
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for root, _, files in sorted(os.walk(folder)):
            for name in sorted(files):
                path = os.path.join(root, name)
                entry = zipfile.ZipInfo(os.path.relpath(path, folder))
                entry.compress_type = zipfile.ZIP_DEFLATED
                with open(path, "rb") as file:
                    archive.writestr(entry, file.read())
    print(out, os.path.getsize(out))


def main(out):
    names = [name for name in sys.argv[2:] if name != "--tf"]
    for build in (images, sequences, nested, wrapped, shared):
        if names and build.__name__ not in names:
            continue
        if hasattr(keras.backend, "clear_session"):
            keras.backend.clear_session()
        if VERSION.startswith("2.0."):  # It forgets to feed the phase to layers inside wrappers.
            keras.backend.set_learning_phase(0)
        model = build()
        rows = fill(model)
        with tempfile.TemporaryDirectory() as folder:
            save(model, os.path.join(folder, model.name))
            predict(model, folder)
            with open(os.path.join(folder, "weights.json"), "w") as file:
                json.dump({"keras": VERSION, "weights": rows}, file)
            pack(folder, os.path.join(out, "keras-%s-%s.zip" % (VERSION, model.name)))


main(sys.argv[1])
