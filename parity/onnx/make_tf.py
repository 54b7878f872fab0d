"""Makes the archives keras_*.zip and tf2onnx_*.zip of core/src/test/resources/golden/onnx: tiny networks as Keras and tf2onnx export them.

Needs the packages of requirements-onnx.txt and requirements-keras3.txt, and tf2onnx 1.17:
    python parity/onnx/make_tf.py [--only TEXT] [--out FOLDER]
Outputs and gradients are Keras' own, by tf.GradientTape, of the network that is exported.
"""

import argparse
import os
import pathlib
import tempfile

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np
import onnx
import tensorflow as tf
import tf2onnx
from keras import layers

from make_onnx import OUT, pack


def residual():
    """Strided and separable kernels, squeeze and excitation, pooled."""
    x = inputs = keras.Input((33, 29, 3), name="pixels")
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = side = layers.Activation("swish")(x)
    x = layers.DepthwiseConv2D(3, padding="same", activation="relu6")(x)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Multiply()([x, layers.Conv2D(8, 1, activation="sigmoid")(gate)])
    x = layers.SeparableConv2D(8, 3, padding="same")(x)
    x = layers.Add()([x, side])
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    x = explained = layers.LeakyReLU(name="explained")(x)
    logits = layers.Dense(5, name="logits")(layers.GlobalAveragePooling2D()(x))
    return inputs, explained, logits, layers.Softmax()(logits)


def flat():
    """Flattened while channels are last: the order is seen."""
    x = inputs = keras.Input((12, 14, 1), name="pixels")
    x = layers.Conv2D(4, 3, activation="elu")(x)
    x = layers.AveragePooling2D(2)(x)
    x = explained = layers.Conv2DTranspose(3, 3, strides=2, padding="same", name="explained")(x)
    x = layers.Dense(6, activation="softplus")(layers.Flatten()(x))
    logits = layers.Dense(3, name="logits")(x)
    return inputs, explained, logits, layers.Activation("sigmoid")(logits)


def normalized():
    """Layer and group normalization, resizing, attention over the places."""
    x = inputs = keras.Input((8, 8, 3), name="pixels")
    x = layers.Conv2D(8, 3, padding="same")(x)
    x = layers.GroupNormalization(4)(x)
    x = layers.LayerNormalization()(layers.Activation("tanh")(x))
    x = layers.Reshape((64, 8))(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)])
    x = layers.UpSampling2D(2, interpolation="bilinear")(layers.Reshape((8, 8, 8))(x))
    x = explained = layers.Conv2D(6, 3, activation="relu", name="explained")(x)
    logits = layers.Dense(4, name="logits")(layers.GlobalMaxPooling2D()(x))
    return inputs, explained, logits, layers.Softmax()(logits)


def blocks():
    """A block of ConvNeXt, whose GELU becomes an operator that ONNX has not."""
    x = inputs = keras.Input((16, 16, 3), name="pixels")
    x = side = layers.Conv2D(6, 4, strides=4)(x)
    x = layers.LayerNormalization()(layers.DepthwiseConv2D(3, padding="same")(x))
    x = layers.Dense(6)(layers.Dense(12, activation="gelu")(x))
    x = explained = layers.Add(name="explained")([side, x])
    x = layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))
    logits = layers.Dense(4, name="logits")(x)
    return inputs, explained, logits, layers.Softmax()(logits)


CASES = {
    "keras_blocks": (blocks, "keras", {}),
    "keras_residual": (residual, "keras", {}),
    "keras_flat": (flat, "keras", {}),
    "keras_normalized": (normalized, "keras", {}),
    "tf2onnx_residual_11": (residual, "tf2onnx", {"opset": 11}),
    "tf2onnx_residual_17": (residual, "tf2onnx", {"opset": 17}),
    "tf2onnx_residual_channels_first": (residual, "tf2onnx", {"opset": 15, "inputs_as_nchw": ["pixels"]}),
    "tf2onnx_flat_13": (flat, "tf2onnx", {"opset": 13}),
    "tf2onnx_normalized_18": (normalized, "tf2onnx", {"opset": 18}),
}


def arrays(inputs, explained, logits, output, x):
    """Keras' outputs, and the raw maps of Gradients and Grad-CAM for each image's two highest logits."""
    network = keras.Model(inputs, [explained, logits, output])
    x = tf.constant(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        activation, scores, result = network(x, training=False)
        units = tf.math.top_k(scores, 2).indices
        chosen = [tf.reduce_sum(tf.gather(scores, units[:, k], batch_dims=1)) for k in range(2)]
    gradients = [tf.reduce_mean(tf.abs(tape.gradient(score, x)), -1) for score in chosen]
    cams = [tf.reduce_sum(tf.reduce_mean(tape.gradient(score, activation), (1, 2), keepdims=True) * activation, -1) for score in chosen]
    return {"in0": x, "out0": result, "logits": scores, "units": tf.cast(units, tf.int64), "gradients": tf.stack(gradients, -1),
            "gradcam": tf.stack(cams, -1)}


def make(name, folder):
    build, exporter, options = CASES[name]
    keras.backend.clear_session()
    keras.utils.set_random_seed(11)
    inputs, explained, logits, output = build()
    model = keras.Model(inputs, output)
    random = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_mean.assign(random.normal(0, 0.3, layer.moving_mean.shape))
            layer.moving_variance.assign(random.uniform(0.5, 1.5, layer.moving_variance.shape))
    x = random.uniform(size=(2, *model.input_shape[1:])).astype(np.float32)
    found = arrays(inputs, explained, logits, output, x)
    model(x)  # or Keras refuses to export it
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch)
        if exporter == "keras":
            model.export(str(path / "model.onnx"), format="onnx", verbose=False)
        else:
            function = tf.function(lambda pixels: model(pixels, training=False),
                                   input_signature=[tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="pixels")])
            proto, _ = tf2onnx.convert.from_function(function, function.input_signature, **options)
            onnx.save(proto, path / "model.onnx")
        if "inputs_as_nchw" in options:
            found["in0"] = np.transpose(found["in0"], (0, 3, 1, 2))
        for key, array in found.items():
            np.save(path / f"{key}.npy", np.ascontiguousarray(array))
        pack(path, folder / f"{name}.zip")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="make just the cases whose name contains this text")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    for name in CASES:
        if arguments.only in name:
            make(name, arguments.out)


if __name__ == "__main__":
    main()
