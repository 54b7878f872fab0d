"""TensorFlow functions as layers (TFOpLambda, SlicingOpLambda) of Keras 2. See golden.py for the packages needed."""

import keras
import numpy as np

from golden import KERAS3, L, case, integers, normal, tf, uniform

BOTH = ("h5", "keras")


def one(function, shape):
    given = keras.Input(shape)
    return keras.Model(given, function(given))


def two(function, first, second):
    given = [keras.Input(first), keras.Input(second)]
    return keras.Model(given, function(*given))


def each(shape, *functions):
    """One output per function."""
    given = keras.Input(shape)
    return keras.Model(given, [function(given) for function in functions])


def op(name, build, layer="TFOpLambda", formats=("h5", "keras"), **options):
    case(f"tf_{name}", layer, build, formats=formats, only=2, **options)


if not KERAS3:
    m, nn, image = tf.math, tf.nn, tf.image
    # The mathematics of values.
    op("operators", lambda: each((3, 4), lambda x: x + 1.5, lambda x: x * 2, lambda x: 3 - x, lambda x: x / 4.0, lambda x: -x,
                                 lambda x: 2.0 / (x * x + 1), lambda x: (x * x + 1) ** 0.5, lambda x: abs(x)))
    op("operators_of_two", lambda: two(lambda a, b: [a + b, a - b, a * b, a / (b * b + 1)], (3, 4), (3, 4)))
    op("floor_and_mod", lambda: each((3, 4), lambda x: x // 0.3, lambda x: x % 0.7))
    op("operators_with_constant_array", lambda: each(
        (3, 4), lambda x: x + tf.constant([1.0, 2.0, 3.0, 4.0]), lambda x: tf.constant([[2.0], [3.0], [4.0]]) * x))
    op("scale_and_preprocess", lambda: one(lambda x: (x / 127.5) - 1.0, (4, 5, 3)), inputs=(uniform((2, 4, 5, 3), 0, 255),))
    op("functions_of_two", lambda: two(lambda a, b: [
        m.add(a, b), m.subtract(a, b), m.multiply(a, b), m.divide(a, b), m.maximum(a, b), m.minimum(a, b),
        m.squared_difference(a, b), tf.add_n([a, b, a])], (3, 4), (3, 4)))
    op("exponentials", lambda: each((3, 4), m.exp, m.expm1, m.sigmoid, m.tanh, m.softplus, m.square, m.erf))
    op("of_positive_values", lambda: each((3, 4), m.log, m.log1p, m.sqrt, m.rsqrt, m.reciprocal, lambda x: m.pow(x, 1.7)),
       inputs=(uniform((2, 3, 4), 0.2, 3),))
    op("trigonometry", lambda: each((3, 4), m.sin, m.cos, m.tan, m.atan, m.sinh, m.cosh, m.asinh),
       inputs=(uniform((2, 3, 4), -1.2, 1.2),))
    op("inverse_trigonometry", lambda: each((3, 4), m.asin, m.acos, m.atanh), inputs=(uniform((2, 3, 4), -0.9, 0.9),))
    op("signs_and_rounding", lambda: each((3, 4), m.abs, m.sign, m.negative, m.floor, m.ceil, m.round),
       inputs=(normal((2, 3, 4), 3),))
    op("clip", lambda: each((3, 4), lambda x: tf.clip_by_value(x, -0.5, 0.8), lambda x: m.minimum(x, 0.3), lambda x: m.maximum(x, 0.0)))
    op("activations", lambda: each((3, 4), nn.relu, nn.relu6, nn.elu, nn.selu, nn.silu, nn.softsign, nn.leaky_relu,
                                   lambda x: nn.leaky_relu(x, alpha=0.1)), inputs=(normal((2, 3, 4), 3),))
    op("activations_softmax", lambda: each((3, 4), nn.softmax, lambda x: nn.softmax(x, axis=1), nn.log_softmax, nn.gelu,
                                           lambda x: nn.gelu(x, approximate=True), nn.swish))
    op("hard_swish_by_hand", lambda: one(lambda x: x * nn.relu6(x + 3.0) / 6.0, (4, 5)), inputs=(normal((2, 4, 5), 3),))
    op("backend_functions", lambda: each((3, 4), lambda x: keras.activations.relu(x), lambda x: keras.backend.mean(x, axis=1),
                                         lambda x: keras.backend.sum(x, axis=-1, keepdims=True), lambda x: keras.backend.square(x),
                                         lambda x: keras.activations.hard_sigmoid(x)))
    op("l2_normalize", lambda: each((3, 4), lambda x: m.l2_normalize(x, axis=-1), lambda x: nn.l2_normalize(x, axis=[1, 2])))
    op("comparisons", lambda: two(lambda a, b: [
        tf.where(a >= b, a, b), tf.where(a < b, a, b), tf.where(a <= b, a, b), tf.where(m.equal(m.sign(a), m.sign(b)), a, b),
        tf.where(m.not_equal(m.sign(a), m.sign(b)), a, b)], (3, 4), (3, 4)))
    op("logical", lambda: two(lambda a, b: [
        tf.where(m.logical_and(a > 0.0, b > 0.0), a, b), tf.where(m.logical_or(a > 0.0, b > 0.0), a, b),
        tf.where(m.logical_not(a > 0.0), a, b), tf.where(m.logical_xor(a > 0.0, b > 0.0), a, b)], (3, 4), (3, 4)))
    op("functions_of_two_more", lambda: two(lambda a, b: [m.divide_no_nan(a, b), m.atan2(a, b)], (3, 4), (3, 4)))
    op("floor_functions", lambda: two(lambda a, b: [m.floordiv(a, b), m.mod(a, b), m.floormod(a, b)], (3, 4), (3, 4)), gradients=False)
    op("old_names", lambda: two(lambda a, b: [
        tf.divide(a, b), tf.compat.v1.div(a, b), tf.negative(a), tf.compat.v1.where(a > b, a, b)], (3, 4), (3, 4)))
    op("acosh", lambda: one(m.acosh, (3, 4)), inputs=(uniform((2, 3, 4), 1.2, 3),))
    op("sigmoid_functions", lambda: each((3, 4), m.log_sigmoid, nn.swish, keras.activations.hard_sigmoid, keras.activations.swish),
       inputs=(normal((2, 3, 4), 2),))
    # Reductions.
    op("reduce_any_and_all", lambda: each((3, 4), lambda x: tf.cast(tf.reduce_any(x > 1.0, axis=-1), "float32"),
                                          lambda x: tf.cast(tf.reduce_all(x < 1.0, axis=1), "float32")), gradients=False)
    op("sort_and_top_k", lambda: each((3, 4), lambda x: tf.sort(x, axis=-1), lambda x: tf.sort(x, axis=1, direction="DESCENDING"),
                                      lambda x: nn.top_k(x, 2)[0], lambda x: m.cumprod(x, axis=1)))
    op("argsort_and_argmin", lambda: each((3, 4), lambda x: tf.argsort(x, axis=-1), lambda x: tf.argmin(x, axis=1)), gradients=False)
    op("reduce", lambda: each((3, 4), lambda x: tf.reduce_mean(x, axis=1), lambda x: tf.reduce_sum(x, axis=[1, 2]),
                              lambda x: tf.reduce_max(x, axis=-1), lambda x: tf.reduce_min(x, axis=1, keepdims=True),
                              lambda x: tf.reduce_mean(x, [1, 2], keepdims=True), lambda x: tf.reduce_prod(x, axis=2),
                              lambda x: m.reduce_std(x, axis=1), lambda x: m.reduce_variance(x, axis=2)))
    op("reduce_logsumexp_and_norm", lambda: each((3, 4), lambda x: m.reduce_logsumexp(x, axis=-1), lambda x: tf.norm(x, axis=-1),
                                                 lambda x: m.cumsum(x, axis=1)))
    op("argmax", lambda: one(lambda x: tf.argmax(x, axis=-1), (3, 4)), gradients=False)
    op("global_pooling_by_hand", lambda: one(lambda x: tf.reduce_mean(L.Conv2D(3, 2)(x), axis=[1, 2]), (4, 5, 2)))
    # Shapes.
    op("reshape", lambda: each((3, 4, 2), lambda x: tf.reshape(x, [-1, 24]), lambda x: tf.reshape(x, (-1, 4, 6)),
                               lambda x: keras.backend.reshape(x, (-1, 12, 2))))
    op("reshape_by_shape", lambda: one(lambda x: tf.reshape(x, [tf.shape(x)[0], 12, 2]), (3, 4, 2)))
    op("transpose", lambda: each((3, 4, 2), lambda x: tf.transpose(x, [0, 3, 1, 2]), lambda x: tf.transpose(x, perm=(0, 2, 1, 3))))
    op("expand_and_squeeze", lambda: each((3, 1, 4), lambda x: tf.expand_dims(x, 1), lambda x: tf.expand_dims(x, -1),
                                          lambda x: tf.squeeze(x, axis=2), lambda x: tf.squeeze(x, [2])))
    op("concat_and_stack", lambda: two(lambda a, b: [tf.concat([a, b], axis=-1), tf.concat([a, b, a], 1), tf.stack([a, b], axis=1),
                                                     tf.stack([a, b], -1)], (3, 4), (3, 4)))
    op("split_and_unstack", lambda: one(lambda x: [*tf.split(x, 2, axis=-1), *tf.split(x, [1, 2], axis=1), tf.unstack(x, axis=1)[2]],
                                        (3, 4)))
    op("tile_and_repeat", lambda: each((3, 4), lambda x: tf.tile(x, [1, 2, 1]), lambda x: tf.repeat(x, 2, axis=1),
                                       lambda x: keras.backend.repeat_elements(x, 2, axis=2)))
    op("pad", lambda: each((3, 4, 2), lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]]),
                           lambda x: tf.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], mode="REFLECT"),
                           lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=0.5),
                           lambda x: tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")))
    op("pad_filled", lambda: each(
        (4, 5, 2), lambda x: tf.nn.max_pool2d(tf.pad(x, [[0, 0], [1, 1], [1, 2], [0, 0]], constant_values=-1e9), 3, 1, "VALID"),
        lambda x: tf.pad(x, [[0, 0], [2, 1], [1, 0], [1, 0]], constant_values=1e30)))
    op("reverse_and_roll", lambda: each((3, 4), lambda x: tf.reverse(x, axis=[1]), lambda x: tf.roll(x, shift=1, axis=2)))
    op("gather", lambda: each((3, 4), lambda x: tf.gather(x, [2, 0], axis=1), lambda x: tf.gather(x, 1, axis=2)))
    op("slices", lambda: each((5, 4, 3), lambda x: x[:, 1:], lambda x: x[:, :, -1], lambda x: x[:, ::2, 1:3],
                              lambda x: x[:, 0], lambda x: x[:, :, tf.newaxis], lambda x: x[:, ::-1]), layer="SlicingOpLambda")
    op("slice_ellipsis", lambda: each((5, 4, 3), lambda x: x[..., :2], lambda x: x[..., 1], lambda x: x[:, ..., tf.newaxis, 0]),
       layer="SlicingOpLambda", formats=("h5",), notes="Keras 2.12 cannot write an ellipsis into .keras.")
    op("slice_of_first_token", lambda: one(lambda x: L.Dense(2)(x[:, 0, :]), (4, 3)), layer="SlicingOpLambda")
    op("slice_function", lambda: one(lambda x: tf.slice(x, [0, 1, 0], [-1, 2, 3]), (4, 3)))
    op("cast_and_compare", lambda: each((3, 4), lambda x: tf.cast(x > 0.2, tf.float32) * x,
                                        lambda x: tf.where(x > 0.0, x, 0.1 * x), lambda x: tf.cast(x, "float32") * 2.0))
    op("zeros_and_ones_like", lambda: one(lambda x: x * tf.ones_like(x) + tf.zeros_like(x), (3, 4)))
    op("identity_and_stop_gradient", lambda: each((3, 4), lambda x: tf.identity(x) * 2.0, lambda x: tf.stop_gradient(x) * x))
    op("one_hot", lambda: keras.Model(given := keras.Input((3,), dtype="int32"), tf.one_hot(given, 5)), inputs=(integers((2, 3), 5),))
    # Products.
    op("matmul", lambda: two(lambda a, b: [tf.matmul(a, b), tf.matmul(a, b, transpose_b=False), a @ b], (3, 4), (4, 2)))
    op("matmul_transposed", lambda: two(lambda a, b: [tf.matmul(a, b, transpose_b=True), tf.linalg.matmul(b, a, transpose_b=True)],
                                        (3, 4), (2, 4)))
    op("tensordot", lambda: one(lambda x: tf.tensordot(x, tf.constant([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]), axes=1), (4, 3)))
    # Images and convolutions.
    op("image_resize", lambda: each((4, 5, 2), lambda x: image.resize(x, (7, 8)), lambda x: image.resize(x, [2, 3], method="nearest"),
                                    lambda x: image.resize(x, (8, 10), method="bicubic")))
    op("image_flip_and_space_to_depth", lambda: each((4, 4, 2), image.flip_left_right, lambda x: nn.space_to_depth(x, 2),
                                                     lambda x: nn.depth_to_space(nn.space_to_depth(x, 2), 2)))
    op("pooling", lambda: each((5, 4, 2), lambda x: nn.max_pool2d(x, 2, 2, "VALID"), lambda x: nn.avg_pool2d(x, 3, 2, "SAME"),
                               lambda x: keras.backend.pool2d(x, (2, 2), pool_mode="avg")))
    op("image_more", lambda: each((4, 4, 3), image.flip_up_down, image.rgb_to_grayscale, lambda x: tf.image.extract_patches(
        x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")))
    op("conv2d", lambda: one(lambda x: nn.conv2d(x, tf.constant(np.random.default_rng(3).normal(size=(2, 3, 2, 4)).astype("float32")),
                                                 2, "SAME"), (5, 6, 2)))
    op("pooling_of_any_rank", lambda: each((5, 4, 2), lambda x: nn.max_pool(x, 2, 2, "VALID"), lambda x: nn.avg_pool(x, 3, 2, "SAME")))
    op("broadcast_to", lambda: one(lambda x: tf.broadcast_to(x, [2, 3, 4]), (1, 4)))
    op("bias_add", lambda: one(lambda x: nn.bias_add(x, tf.constant([0.1, -0.2])), (3, 2)))
    op("squeeze_and_excite_by_hand", lambda: squeeze_and_excite())

    def squeeze_and_excite():
        given = keras.Input((4, 5, 3))
        gate = tf.reduce_mean(given, axis=[1, 2], keepdims=True)
        gate = tf.nn.sigmoid(L.Conv2D(3, 1)(tf.nn.relu(L.Conv2D(2, 1)(gate))))
        return keras.Model(given, given * gate)
