"""Makes core/src/test/resources/parity: four small networks of Keras, and maps that keras-explainable's formulas give for them.

    python make_explained.py OUT           writes them (Keras 2.12: parity/requirements-keras2.txt)
    python make_explained.py --check DATA  compares what it computes with what is there, array by array

The formulas are written out here in TensorFlow, one unit of one image at a time, so that no other library is needed. Images are noise,
enlarged; weights are drawn so that no layer dies. Of each network the two highest units of three images are explained:

    cam          sum over channels of activation times the unit's kernel
    gradcam      sum over channels of activation times the mean of its gradient
    gradcampp    the same with weights that grow with the gradient's square, and exp(score)
    scorecam     every channel, from 0 to 1 and enlarged, times the score of the image under it
    gradients    mean over channels of the magnitude of the input's gradient
    full_gradients_per_unit   input times gradient, and every bias times its gradient, each from 0 to 1

Files ending in _raw are before the usual filter (positive, from 0 to 1; of gradients absolute) and the resizing to the image.
"""

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

K = tf.keras.layers
SEED = 20261122
IMAGES = 3
UNITS = 2


def networks():
    return {"conv_mix": conv_mix, "residual": residual, "flatten": flatten, "nested": nested}


def conv_mix():
    """Kinds of layers: strides, dilation, depth, several activations, attention over channels; pooled, one linear layer."""
    image = K.Input((33, 29, 3), name="image")
    stem = K.Rescaling(2.0, offset=-1.0)(image)
    stem = K.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="stem")(stem)
    stem = K.ReLU(6.0)(K.BatchNormalization(name="stem_bn")(stem))
    left = K.DepthwiseConv2D(3, padding="same", use_bias=False)(stem)
    left = K.Activation("swish")(K.BatchNormalization(scale=False)(left))
    right = K.LeakyReLU(0.1)(K.SeparableConv2D(8, 3, padding="same", dilation_rate=2)(stem))
    both = K.Concatenate()([left, right, K.Add()([left, right])])
    both = K.MaxPooling2D(3, 2, padding="same")(K.ZeroPadding2D(((1, 0), (0, 1)))(both))
    squeezed = K.GlobalAveragePooling2D(keepdims=True)(both)
    squeezed = K.Conv2D(24, 1, activation="hard_sigmoid")(squeezed)
    last = K.Conv2D(16, (3, 1), activation="elu", name="last_conv")(K.Multiply()([both, squeezed]))
    pooled = K.GlobalAveragePooling2D(name="avg_pool")(K.Dropout(0.3)(last))
    return tf.keras.Model(image, K.Dense(7, name="predictions")(pooled), name="conv_mix")


def normalized(x):
    return K.Activation("relu")(K.BatchNormalization(epsilon=1.001e-5)(x))


def residual():
    """Blocks as ResNet50V2 has them, few and small."""
    image = K.Input((40, 40, 3))
    x = K.Conv2D(8, 7, strides=2)(K.ZeroPadding2D(3)(image))
    x = K.MaxPooling2D(3, 2, padding="same")(x)
    for filters, stride, projects in ((8, 1, True), (16, 2, True), (16, 1, False)):
        before = normalized(x)
        short = K.Conv2D(filters, 1, strides=stride)(before) if projects else x
        inner = normalized(K.Conv2D(filters // 2, 1, use_bias=False)(before))
        inner = normalized(K.Conv2D(filters // 2, 3, strides=stride, padding="same", use_bias=False)(inner))
        x = K.Add()([short, K.Conv2D(filters, 1)(inner)])
    x = K.Activation("relu", name="post_relu")(K.BatchNormalization(epsilon=1.001e-5)(x))
    x = K.GlobalAveragePooling2D(name="avg_pool")(x)
    return tf.keras.Model(image, K.Dense(10, activation="linear", name="predictions")(x), name="residual")


def flatten():
    """Flattened, with two dense layers: CAM does not apply."""
    layers = [K.Input((24, 24, 1)), K.Conv2D(8, 5, activation="relu"), K.AveragePooling2D(2)]
    layers += [K.Conv2D(12, 3, activation="tanh", padding="same"), K.MaxPooling2D(2), K.Flatten()]
    layers += [K.Dense(16, activation="relu"), K.Dense(5, name="logits")]
    return tf.keras.Sequential(layers, name="flatten")


def nested():
    """A model as the layer of another."""
    inside = K.Input((32, 32, 3))
    x = K.Conv2D(8, 3, strides=2, padding="same", activation="relu")(inside)
    x = K.BatchNormalization()(K.SeparableConv2D(12, 3, padding="same")(x))
    backbone = tf.keras.Model(inside, K.Activation("relu")(x), name="backbone")
    image = K.Input((32, 32, 3))
    return tf.keras.Model(image, K.Dense(4)(K.GlobalAveragePooling2D()(backbone(image))), name="nested")


def leaves(model):
    """The layers that are no models, in the order in which Keras builds them."""
    for layer in model.layers:
        if isinstance(layer, tf.keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def draw(model, random):
    """Weights by what they are: scales around 1, variances below it, shifts near 0, kernels by the number of what they sum."""

    def one(weight):
        shape, name = tuple(weight.shape), weight.name
        if "gamma" in name:
            return random.uniform(0.6, 1.4, shape)
        if "moving_variance" in name:
            return random.uniform(0.3, 1.2, shape)
        if any(part in name for part in ("beta", "moving_mean", "bias", "alpha")):
            return random.normal(0, 0.2, shape)
        summed = shape[:2] if "depthwise" in name else shape[:-1]
        return random.normal(0, 1.4 / np.sqrt(np.prod(summed)), shape)

    for layer in leaves(model):
        if layer.weights:
            layer.set_weights([one(weight).astype(np.float32) for weight in layer.weights])


def photos(random, shape):
    coarse = random.uniform(0, 1, (IMAGES, 6, 6, shape[-1])).astype(np.float32)
    return np.clip(tf.image.resize(coarse, shape[:2], method="bicubic").numpy(), 0, 1)


def scaled(maps):
    """From 0 to 1 over the places; a constant map is 0."""
    low = tf.reduce_min(maps, axis=(1, 2), keepdims=True)
    span = tf.reduce_max(maps, axis=(1, 2), keepdims=True) - low
    return tf.math.divide_no_nan(maps - low, span)


class Explained:
    """A network, open before its head, with the calls of its layers along the way."""

    def __init__(self, model):
        self.model = model
        self.layers = [layer for layer in leaves(model) if not isinstance(layer, K.InputLayer)]
        self.pooling = next(i for i, l in enumerate(self.layers) if isinstance(l, (K.Flatten, K.GlobalAveragePooling2D)) and not getattr(l, "keepdims", False))
        self.nodes = self.flat()

    def flat(self):
        """The same network without a model inside: new calls of the same layers."""
        image = K.Input(self.model.input_shape[1:])
        self.sums = []

        def run(model, given):
            known = {id(t): v for t, v in zip(tf.nest.flatten(model.inputs), [given])}
            for layer in model.layers:
                if isinstance(layer, K.InputLayer):
                    continue
                node = layer.inbound_nodes[0] if isinstance(model, tf.keras.Sequential) or len(layer.inbound_nodes) == 1 else layer.inbound_nodes[-1]
                inputs = tf.nest.map_structure(lambda t: known[id(t)], node.input_tensors)
                if isinstance(layer, tf.keras.Model):
                    output = run(layer, inputs if not isinstance(inputs, (list, tuple)) else inputs[0])
                else:
                    output = layer(inputs)
                    self.sums.append((layer, output))
                known[id(node.output_tensors if not isinstance(node.output_tensors, list) else node.output_tensors[0])] = output
            return known[id(model.outputs[0])]

        logits = run(self.model, image)
        # What is pooled or flattened last is the activation.
        at = [i for i, (layer, _) in enumerate(self.sums) if layer is self.layers[self.pooling]][0]
        activation = self.sums[at][0].get_input_at(-1)
        return tf.keras.Model(image, [logits, activation] + [value for _, value in self.sums])

    def gradients(self, x, unit):
        """The scores of a unit, and its gradients by the image, the activation, and what each layer gives."""
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            logits, activation, *values = self.nodes(x)
            score = logits[:, unit]
        return score, activation, tape.gradient(score, x), tape.gradient(score, activation), list(zip([l for l, _ in self.sums], values, [tape.gradient(score, v) for v in values]))

    def maps(self, x, unit):
        """The maps of one image (1, height, width, channels) and unit, each (1, height, width, 1)."""
        score, activation, by_x, by_a, inner = self.gradients(x, unit)
        places = (1, 2)

        def weighted(weights):
            return tf.reduce_sum(activation * weights, axis=-1, keepdims=True)

        maps = {"gradients": tf.reduce_mean(tf.abs(by_x), axis=-1, keepdims=True)}
        maps["gradcam"] = weighted(tf.reduce_mean(by_a, axis=places, keepdims=True))
        total = tf.reduce_sum(activation, axis=places, keepdims=True)
        share = tf.math.divide_no_nan(by_a**2, 2 * by_a**2 + by_a**3 * total)
        maps["gradcampp"] = weighted(tf.reduce_sum(share * tf.nn.relu(tf.exp(score) * by_a), axis=places, keepdims=True))
        head = self.layers[-1]
        if not any(isinstance(layer, K.Flatten) for layer in self.layers):
            maps["cam"] = weighted(head.kernel[:, unit])
        masks = tf.image.resize(scaled(activation), x.shape[1:3])
        masked = tf.concat([x * masks[..., c : c + 1] for c in range(masks.shape[-1])], axis=0)
        maps["scorecam"] = tf.reduce_sum(self.nodes(masked)[0][:, unit] * masks, axis=-1, keepdims=True)

        full = tf.reduce_mean(scaled(tf.abs(x * by_x)), axis=-1, keepdims=True)
        for layer, value, gradient in inner:
            bias = bias_of(layer)
            if bias is not None and len(value.shape) == 4 and gradient is not None:
                term = tf.reduce_mean(scaled(tf.abs(bias * gradient)), axis=-1, keepdims=True)
                full += tf.image.resize(term, x.shape[1:3])
        maps["full_gradients_per_unit"] = full
        return maps


def bias_of(layer):
    """A layer's own bias, or what a normalization adds."""
    if isinstance(layer, K.BatchNormalization):
        factor = (layer.gamma if layer.gamma is not None else 1.0) / tf.sqrt(layer.moving_variance + layer.epsilon)
        return (layer.beta if layer.beta is not None else 0.0) - layer.moving_mean * factor
    return getattr(layer, "bias", None)


def arrays(model, random):
    x = photos(random, model.input_shape[1:])
    logits = model(x).numpy()
    y = np.argsort(-logits, axis=-1)[:, :UNITS]
    explained = Explained(model)
    found = {"x": x, "logits": logits, "y": y.astype(np.int64)}
    parts = {}
    for image in range(IMAGES):
        one = tf.constant(x[image : image + 1])
        of_units = [explained.maps(one, int(unit)) for unit in y[image]]
        every = [explained.maps(one, unit)["gradcam"] for unit in range(logits.shape[1])]
        for name in of_units[0]:
            parts.setdefault(name + "_raw", []).append(tf.concat([maps[name] for maps in of_units], -1))
        parts.setdefault("gradcam_all_units_raw", []).append(tf.concat(every, -1))
    for name, rows in parts.items():
        raw = found[name] = tf.concat(rows, 0).numpy()
        plain = name[: -len("_raw")]
        if plain not in ("gradcam_all_units", "full_gradients_per_unit"):
            kept = tf.abs(raw) if plain == "gradients" else tf.nn.relu(raw)
            found[plain] = tf.image.resize(scaled(kept), x.shape[1:3]).numpy()
    return found


def difference(a, b):
    """The largest difference, as a part of the largest value."""
    if a.shape != b.shape:
        return np.inf
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-12))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    worst = 0.0
    for name, build in networks().items():
        random = np.random.default_rng([SEED, *name.encode()])
        tf.keras.backend.clear_session()
        model = build()
        draw(model, random)
        folder = os.path.join(options.folder, name)
        if not options.check:
            os.makedirs(folder, exist_ok=True)
            model.save(os.path.join(folder, "model.h5"))
            model.save(os.path.join(folder, "model.keras"), save_format="keras_v3")
        for array, values in arrays(model, random).items():
            path = os.path.join(folder, array + ".npy")
            if options.check:
                far = difference(values, np.load(path))
                worst = max(worst, far)
                print("%-9s %-28s %.1e" % (name, array, far))
            else:
                np.save(path, np.ascontiguousarray(values if array == "y" else values.astype(np.float32)))
    if options.check:
        print("largest difference: %.1e" % worst)
        sys.exit(worst > 1e-3)


main()
