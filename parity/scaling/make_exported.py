"""Makes tf.zip and torch.zip of core/src/test/resources/golden/scaling: pixels scaled inside models that exporters wrote.

Needs what parity/onnx/make_tf.py or parity/onnx/make_torch.py needs:
    python parity/scaling/make_exported.py tf
    python parity/scaling/make_exported.py torch
For each case the archive has a tiny model and what its first layer with weights sees of photo.png (that of keras.zip) in ONNX
Runtime, where the model is fed with the pixels that its name says: those of 0 to 255, unless it begins with of_unit.
"""

import io
import os
import pathlib
import sys
import tempfile
import zipfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "layers"))
import archive

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/scaling"
MEAN = np.array([0.485, 0.456, 0.406], "float32")
DEVIATION = np.array([0.229, 0.224, 0.225], "float32")
FIRST = {"Conv", "BatchNormalization"}


def seen(model, pixels):
    """What the first node with weights reads."""
    node = next(node for node in model.graph.node if node.op_type in FIRST)
    if node.input[0] not in [value.name for value in model.graph.input]:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(node.input[0]))
    given = model.graph.input[0]
    kind = onnx.helper.tensor_dtype_to_np_dtype(given.type.tensor_type.elem_type)
    x = pixels.astype(kind)
    if given.type.tensor_type.shape.dim[1].dim_value == 3:
        x = x.transpose(0, 3, 1, 2)
    if node.input[0] == given.name:
        return x.astype("float32")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([node.input[0]], {given.name: x})[0].astype("float32")


def tf_cases(folder):
    import keras
    import tensorflow as tf
    import tf2onnx
    from keras import layers, ops
    from keras.applications import mobilenet_v2

    def model(begin, dtype="float32"):
        inputs = keras.Input((12, 16, 3), dtype=dtype)
        x = layers.Conv2D(4, 3, activation="relu")(begin(inputs))
        return keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))

    def normalized(x):
        return layers.Lambda(lambda x: (x / 255 - tf.constant(MEAN)) / tf.constant(DEVIATION))(x)

    cases = {
        "tf2onnx_rescaling": model(layers.Rescaling(1 / 255)),
        "tf2onnx_normalization": model(normalized),
        "tf2onnx_mobilenet_v2": model(mobilenet_v2.preprocess_input),
        "tf2onnx_caffe": model(layers.Lambda(lambda x: x[..., ::-1] - tf.constant([103.939, 116.779, 123.68]))),
        "tf2onnx_uint8": model(layers.Rescaling(1 / 127.5, -1), "uint8"),
        "tf2onnx_resizing": model(lambda x: layers.Rescaling(1 / 255)(layers.Resizing(6, 8)(x))),
        "tf2onnx_int32": model(lambda x: ops.cast(x, "float32") / 255, "int32"),
    }
    for name, network in cases.items():
        given = network.inputs[0]
        signature = [tf.TensorSpec((None, 12, 16, 3), given.dtype, "x")]
        call = tf.function(lambda x: network(x, training=False), input_signature=signature)
        yield name, tf2onnx.convert.from_function(call, signature, opset=13)[0]
    exported = {
        "keras_rescaling": cases["tf2onnx_rescaling"],
        "keras_caffe": cases["tf2onnx_caffe"],
        "keras_grayscale": model(layers.Lambda(lambda x: tf.image.rgb_to_grayscale(x) / 255)),
    }
    for name, network in exported.items():
        path = folder / "model.onnx"
        network(np.zeros((1, 12, 16, 3), "float32"))
        network.export(path, format="onnx", verbose=False)
        yield name, onnx.load(path)


def torch_cases(folder):
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self, begin, channels=3, before=None):
            super().__init__()
            self.begin, self.before = begin, before
            self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor(DEVIATION).view(1, 3, 1, 1))
            self.net, self.last = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU()), nn.Linear(4, 3)

        def forward(self, x):
            x = self.begin(self, x)
            return self.last(self.net(x if self.before is None else self.before(x)).mean((2, 3)))

    first, last = torch.zeros(2, 3, 12, 16), torch.zeros(2, 12, 16, 3)
    norm = nn.BatchNorm2d(3)
    norm.running_mean[:] = torch.tensor(MEAN * 255)
    norm.running_var[:] = torch.tensor((DEVIATION * 255) ** 2)
    cases = {
        "normalized": (lambda m, x: (x - m.mean * 255) / (m.std * 255), first),
        "divided_normalized": (lambda m, x: (x / 255 - m.mean) / m.std, first),
        "of_unit_normalized": (lambda m, x: (x - m.mean) / m.std, first),
        "of_unit_nothing": (lambda m, x: x, first),
        "multiplied_added": (lambda m, x: x * (1 / 127.5) - 1, first),
        "uint8_permuted": (lambda m, x: x.permute(0, 3, 1, 2).float() / 255, last.to(torch.uint8)),
        "uint8": (lambda m, x: (x.float() / 255 - m.mean) / m.std, first.to(torch.uint8)),
        "permuted": (lambda m, x: (x / 255).permute(0, 3, 1, 2), last),
        "bgr": (lambda m, x: x[:, [2, 1, 0]] - 255 * m.mean, first),
        "resized": (lambda m, x: nn.functional.interpolate(x / 255, size=(10, 14), mode="bilinear", antialias=False), first),
        "clamped": (lambda m, x: torch.clamp(x, 0, 255) / 255, first),
        "float64": (lambda m, x: x.float() / 255, first.double()),
        "float16": (lambda m, x: x.float() / 255, first.half()),
        "batch_normalization": (lambda m, x: x, first, norm),
    }
    for name, (begin, x, *before) in cases.items():
        torch.manual_seed(1)  # All cases have the same weights.
        network = Network(begin, 3, *before).eval()
        for dynamo in [False, True]:
            path = folder / "model.onnx"
            free = {"dynamic_shapes": {"x": {0: torch.export.Dim("batch")}}} if dynamo else {"dynamic_axes": {"x": {0: "batch"}}}
            torch.onnx.export(network, (x,), path, dynamo=dynamo, input_names=["x"], external_data=False, opset_version=18, verbose=False, **free)
            begun = name.startswith("of_unit")
            kind = "dynamo" if dynamo else "torchscript"
            yield f"of_unit_{kind}_{name[8:]}" if begun else f"{kind}_{name}", onnx.load(path)


def main(kind):
    with zipfile.ZipFile(OUT / "keras.zip") as archived:
        from PIL import Image

        pixels = np.asarray(Image.open(io.BytesIO(archived.read("photo.png"))))[None].astype("float32")
    models, arrays = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model in {"tf": tf_cases, "torch": torch_cases}[kind](pathlib.Path(folder)):
            for value in list(model.graph.value_info):
                model.graph.value_info.remove(value)
            for node in model.graph.node:
                node.ClearField("metadata_props")
                node.ClearField("doc_string")
            models[name + ".onnx"] = model.SerializeToString()
            arrays[name] = seen(model, pixels / 255 if name.startswith("of_unit") else pixels)
    archive.write(OUT / (kind + ".zip"), {"made by": kind}, models, arrays)


if __name__ == "__main__":
    main(sys.argv[1])
