"""keras.ops as layers of functional models (Keras 3). See golden.py for the packages needed."""

import keras
import numpy as np

from golden import KERAS3, L, case, integers, normal, uniform

ops = getattr(keras, "ops", None)


def each(shape, *functions, dtype=None):
    """One output per function; several for a function that gives several."""
    given = keras.Input(shape, dtype=dtype)
    values = []
    for function in functions:
        value = function(given)
        values.extend(value if isinstance(value, (list, tuple)) else [value])
    return keras.Model(given, values)


def fixed(shape, function):
    given = keras.Input(batch_shape=shape)
    return keras.Model(given, function(given))


def two(function, first, second):
    given = [keras.Input(first), keras.Input(second)]
    values = function(*given)
    return keras.Model(given, list(values) if isinstance(values, (list, tuple)) else values)


def op(name, layer, build, **options):
    """`layer` names the Operation, or the main one, as the file does."""
    case(f"ops_{name}", layer, build, only=3, **options)


def elementwise(name, *functions, inputs=None, shape=(3, 4), gradients=True):
    """One case for functions of one value each, their classes' names joined by spaces."""
    op(name, " ".join(function_name(f) for f in functions), lambda: each(shape, *(getattr(ops, f) for f in functions)),
       inputs=inputs, gradients=gradients)


def function_name(name):
    return "".join(part.capitalize() for part in name.split("_"))


if KERAS3:
    S = (3, 4)
    WIDE, POSITIVE, UNIT = (normal((2, 3, 4), 2),), (uniform((2, 3, 4), 0.2, 3),), (uniform((2, 3, 4), -0.9, 0.9),)

    # One value in, one out.
    elementwise("exponentials", "exp", "exp2", "expm1", "square", "negative", "erf")
    elementwise("logarithms", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", inputs=POSITIVE)
    elementwise("powers", "reciprocal", "cbrt", "absolute", inputs=POSITIVE)
    elementwise("trigonometry", "sin", "cos", "tan", "sinh", "cosh", "tanh", inputs=UNIT)
    elementwise("inverse_trigonometry", "arcsin", "arccos", "arctan", "arcsinh", "arctanh", inputs=UNIT)
    op("arccosh", "Arccosh", lambda: each(S, lambda x: ops.arccosh(x)), inputs=(uniform((2, 3, 4), 1.2, 3),))
    elementwise("rounding", "floor", "ceil", "round", "sign", "trunc", inputs=WIDE, gradients=False)
    op("round_decimals", "Round", lambda: each(S, lambda x: ops.round(x, 1)), gradients=False)
    elementwise("special", "erfinv", "sinc", inputs=UNIT)
    elementwise("special_more", "erfc", "fabs", inputs=UNIT)
    op("arithmetic_rare", "Fmax Fmin Heaviside", lambda: two(lambda a, b: [
        ops.fmax(a, b), ops.fmin(a, b), ops.heaviside(a, b)], S, S))
    elementwise("degrees", "deg2rad", "rad2deg")
    elementwise("activations_relu", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", inputs=(normal((2, 3, 4), 3),))
    elementwise("activations_sigmoid", "sigmoid", "silu", "softplus", "softsign", "log_sigmoid", "gelu", inputs=WIDE)
    elementwise("activations_hard", "hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", inputs=WIDE)
    elementwise("activations_sparse", "sparse_plus", "sparse_sigmoid", "squareplus", "sparsemax", "glu", inputs=WIDE)
    op("activations_options", "LeakyRelu Elu Celu Gelu HardShrink SoftShrink Threshold Squareplus", lambda: each(
        S, lambda x: ops.leaky_relu(x, 0.3), lambda x: ops.elu(x, 0.5), lambda x: ops.celu(x, 0.7), lambda x: ops.gelu(x, False),
        lambda x: ops.hard_shrink(x, 0.8), lambda x: ops.soft_shrink(x, 0.3), lambda x: ops.threshold(x, 0.4, -1.0),
        lambda x: ops.squareplus(x, 2), lambda x: ops.glu(x, axis=-1)), inputs=WIDE)
    op("softmax", "Softmax LogSoftmax", lambda: each(S, lambda x: ops.softmax(x), lambda x: ops.softmax(x, axis=1),
                                                     lambda x: ops.log_softmax(x), lambda x: ops.log_softmax(x, axis=1)))
    op("keras_activations", "Relu", lambda: each(S, keras.activations.relu, keras.activations.gelu, keras.activations.softmax,
                                                 lambda x: keras.activations.leaky_relu(x, 0.1)),
       notes="Functions of keras.activations, called on a tensor of the graph.")

    # Arithmetic with numbers, arrays and values.
    op("operators", "Add Subtract Multiply Divide Negative Power Absolute", lambda: each(
        S, lambda x: x + 1.5, lambda x: 2 * x, lambda x: 3 - x, lambda x: x / 4.0, lambda x: -x, lambda x: 2.0 / (x * x + 1),
        lambda x: (x * x + 1) ** 0.5, lambda x: abs(x)))
    op("operators_of_two", "Add Subtract Multiply Divide", lambda: two(
        lambda a, b: [a + b, a - b, a * b, a / (b * b + 1)], S, S))
    op("operators_broadcast", "Add Multiply", lambda: two(lambda a, b: [a + b, b * a, a - b], (3, 4, 2), (1, 1, 2)))
    op("arithmetic", "Add Subtract Multiply Divide Maximum Minimum", lambda: two(lambda a, b: [
        ops.add(a, b), ops.subtract(a, b), ops.multiply(a, b), ops.divide(a, b), ops.maximum(a, b), ops.minimum(a, b)], S, S))
    op("arithmetic_more", "Logaddexp Arctan2 Hypot Logaddexp2 DivideNoNan TrueDivide", lambda: two(lambda a, b: [
        ops.logaddexp(a, b), ops.arctan2(a, b), ops.hypot(a, b), ops.logaddexp2(a, b), ops.divide_no_nan(a, b), ops.true_divide(a, b)],
        S, S))
    op("arithmetic_with_array", "Add Multiply", lambda: each(
        S, lambda x: x + np.array([1, 2, 3, 4], "float32"), lambda x: ops.multiply(x, np.array([[2], [3], [4]], "float32")),
        lambda x: x - ops.convert_to_tensor([0.1, 0.2, 0.3, 0.4])))
    op("power", "Power", lambda: two(lambda a, b: [ops.power(a, b), ops.power(a, 1.7), ops.power(2.0, b)], S, S),
       inputs=(POSITIVE[0], WIDE[0]))
    op("floor_divide_and_mod", "FloorDivide Mod Fmod", lambda: each(
        S, lambda x: x // 0.3, lambda x: x % 0.7, lambda x: ops.mod(x, 0.4), lambda x: ops.fmod(x, 0.4)),
       gradients=False)
    op("clip", "Clip", lambda: each(S, lambda x: ops.clip(x, -0.5, 0.8), lambda x: ops.maximum(x, 0.0), lambda x: ops.minimum(x, 0.3)))
    op("scale_and_preprocess", "Divide Subtract", lambda: each((4, 5, 3), lambda x: x / 127.5 - 1.0),
       inputs=(uniform((2, 4, 5, 3), 0, 255),))
    op("comparisons", "Greater GreaterEqual Less LessEqual Equal NotEqual Where Cast", lambda: two(lambda a, b: [
        ops.cast(a > b, "float32"), ops.where(a >= b, a, b * 2), ops.where(ops.less(a, 0.1), 0.0, a), ops.cast(a <= b, "float32") * a,
        ops.cast(ops.equal(ops.sign(a), ops.sign(b)), "float32"), ops.cast(ops.not_equal(ops.sign(a), ops.sign(b)), "int32")], S, S))
    op("logical", "LogicalAnd LogicalOr LogicalNot LogicalXor", lambda: two(lambda a, b: [
        ops.where(ops.logical_and(a > 0, b > 0), a, b), ops.where(ops.logical_or(a > 0, b > 0), a, b),
        ops.where(ops.logical_not(a > 0), a, b), ops.where(ops.logical_xor(a > 0, b > 0), a, b)], S, S))
    op("any_and_all", "Any All", lambda: each(S, lambda x: ops.cast(ops.any(x > 1.0, axis=-1), "float32"),
                                              lambda x: ops.cast(ops.all(x < 1.0, axis=1), "float32")), gradients=False)
    op("finite", "Isnan Isinf Isfinite NanToNum", lambda: each(
        S, lambda x: ops.nan_to_num(x), lambda x: ops.where(ops.isfinite(x), x, 0.0), lambda x: ops.where(ops.isnan(x), 0.0, x)))

    op("infinite", "Isinf Isneginf Isposinf", lambda: each(
        S, lambda x: ops.where(ops.isinf(x), 0.0, x), lambda x: ops.where(ops.isneginf(x), 0.0, x),
        lambda x: ops.where(ops.isposinf(x), 0.0, x)))

    # Reductions.
    op("nan_reductions", "Nanmax Nanmean Nanmin Nansum", lambda: each(
        S, lambda x: ops.nanmax(x, axis=1), lambda x: ops.nanmean(x, axis=-1), lambda x: ops.nanmin(x, axis=(1, 2)),
        lambda x: ops.nansum(x, axis=2, keepdims=True)))
    op("percentile", "Percentile", lambda: each((3, 5), lambda x: ops.percentile(x, 30, axis=2)))
    op("mean_and_sum", "Mean Sum", lambda: each(
        S, lambda x: ops.mean(x, axis=1), lambda x: ops.sum(x, axis=(1, 2)), lambda x: ops.mean(x, axis=-1, keepdims=True),
        lambda x: ops.sum(x, axis=2), lambda x: ops.mean(x, axis=[1, 2], keepdims=True)))
    op("max_and_min", "Max Min Amax Amin", lambda: each(
        S, lambda x: ops.max(x, axis=1), lambda x: ops.min(x, axis=(1, 2)), lambda x: ops.amax(x, axis=-1, keepdims=True),
        lambda x: ops.amin(x, axis=2)))
    op("prod_var_std", "Prod Var Std", lambda: each(
        S, lambda x: ops.prod(x, axis=1), lambda x: ops.var(x, axis=-1), lambda x: ops.std(x, axis=(1, 2), keepdims=True),
        lambda x: ops.std(x, axis=1)))
    op("logsumexp_and_norm", "Logsumexp Norm Normalize", lambda: each(
        S, lambda x: ops.logsumexp(x, axis=1), lambda x: ops.norm(x, axis=-1), lambda x: ops.norm(x, ord=1, axis=1, keepdims=True),
        lambda x: ops.normalize(x, axis=-1), lambda x: ops.normalize(x, axis=1, order=1)))
    op("moments", "Moments", lambda: each((3, 4, 2), lambda x: ops.moments(x, axes=[1, 2]), lambda x: ops.moments(x, [1], keepdims=True)))
    op("ptp_median_average", "Ptp Median Average", lambda: each(
        (3, 5), lambda x: ops.ptp(x, axis=1), lambda x: ops.median(x, axis=-1), lambda x: ops.average(x, axis=2)))
    op("quantile", "Quantile", lambda: each((3, 5), lambda x: ops.quantile(x, 0.5, axis=2), lambda x: ops.quantile(x, 0.3, axis=1)))
    op("cumsum_and_cumprod", "Cumsum Cumprod", lambda: each(S, lambda x: ops.cumsum(x, axis=1), lambda x: ops.cumprod(x, axis=-1)))
    op("argmax_and_argmin", "Argmax Argmin", lambda: each(S, lambda x: ops.argmax(x, axis=-1), lambda x: ops.argmin(x, axis=1),
                                                         lambda x: ops.argmax(x, axis=1, keepdims=True)), gradients=False)
    op("top_k", "TopK", lambda: each(S, lambda x: ops.top_k(x, 2)))
    op("sort", "Sort", lambda: each(S, lambda x: ops.sort(x, axis=-1), lambda x: ops.sort(x, axis=1)))
    op("argsort", "Argsort", lambda: each(S, lambda x: ops.argsort(x, axis=-1)), gradients=False)
    op("count_nonzero", "CountNonzero", lambda: each(S, lambda x: ops.count_nonzero(ops.relu(x), axis=1)), gradients=False)

    # Shapes.
    op("reshape", "Reshape", lambda: each(
        (3, 4, 2), lambda x: ops.reshape(x, (-1, 24)), lambda x: ops.reshape(x, (-1, 4, 6)), lambda x: ops.reshape(x, [-1, 3, 2, 4])))
    op("transpose", "Transpose Swapaxes Moveaxis", lambda: each(
        (3, 4, 2), lambda x: ops.transpose(x, (0, 3, 1, 2)), lambda x: ops.swapaxes(x, 1, 2), lambda x: ops.moveaxis(x, -1, 1),
        lambda x: ops.moveaxis(x, (1, 2), (2, 3))))
    op("expand_and_squeeze", "ExpandDims Squeeze", lambda: each(
        (3, 1, 4), lambda x: ops.expand_dims(x, 1), lambda x: ops.expand_dims(x, -1), lambda x: ops.squeeze(x, 2),
        lambda x: ops.expand_dims(x, (1, 3))))
    op("concatenate_and_stack", "Concatenate Stack Hstack Vstack Append", lambda: two(lambda a, b: [
        ops.concatenate([a, b], axis=-1), ops.concatenate([a, b, a], axis=1), ops.stack([a, b], axis=1), ops.stack([a, b], -1),
        ops.hstack([a, b]), ops.append(a, b, axis=2)], S, S))
    op("split_and_unstack", "Split Unstack", lambda: each(
        S, lambda x: ops.split(x, 2, axis=-1), lambda x: ops.split(x, [1, 2], axis=1), lambda x: ops.unstack(x, axis=1)))
    op("hsplit_and_dsplit", "Hsplit Dsplit", lambda: each(
        (4, 6), lambda x: ops.hsplit(x, 2), lambda x: ops.dsplit(x, [1, 3])))
    op("array_split", "ArraySplit", lambda: each((5, 2), lambda x: ops.array_split(x, 3, axis=1)))
    op("tile_and_repeat", "Tile Repeat", lambda: each(
        S, lambda x: ops.tile(x, (1, 2, 1)), lambda x: ops.repeat(x, 2, axis=1), lambda x: ops.tile(x, [1, 1, 3])))
    op("pad", "Pad", lambda: each(
        (3, 4, 2), lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1), (0, 0))), lambda x: ops.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], "reflect"),
        lambda x: ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], constant_values=0.5),
        lambda x: ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")))

    # What is filled in changes nothing beside it, however large it is.
    def filled(fill, pool=2):
        return lambda x: ops.max_pool(ops.pad(x, [[0, 0], [1, 1], [1, 2], [0, 0]], constant_values=fill), pool, 1)

    op("pad_filled", "Pad", lambda: each(
        (4, 5, 2), filled(float("-inf"), 3), filled(-1e9, 3), filled(1e9), filled(-1e-30), filled(255.0),
        lambda x: ops.pad(x, [[0, 0], [2, 1], [1, 0], [1, 0]], constant_values=-1e30),
        lambda x: ops.sigmoid(ops.pad(x, [[0, 0], [0, 0], [1, 0], [0, 2]], constant_values=float("inf")))))
    op("pad_filled_sequence", "Pad", lambda: each(
        (5, 2), lambda x: ops.max_pool(ops.pad(x, [[0, 0], [1, 1], [0, 0]], constant_values=-3e38), 3, 1),
        lambda x: ops.pad(x, [[0, 0], [2, 1], [0, 3]], constant_values=7)))
    op("pad_filled_integers", "Pad", lambda: each(
        (3, 4), lambda x: ops.pad(x, [[0, 0], [1, 1], [0, 2]], constant_values=2000000001),
        lambda x: ops.pad(x, [[0, 0], [1, 1], [0, 2]], constant_values=-1), dtype="int32"),
       inputs=(integers((2, 3, 4), 9),), gradients=False)
    op("flip_and_roll", "Flip Roll Rot90", lambda: each(
        S, lambda x: ops.flip(x, axis=1), lambda x: ops.roll(x, 1, axis=2), lambda x: ops.flip(x, axis=-1), lambda x: ops.rot90(x, axes=(1, 2)), lambda x: ops.fliplr(x)))
    op("get_item", "GetItem", lambda: each(
        (5, 4, 3), lambda x: x[:, 1:], lambda x: x[:, :, -1], lambda x: x[..., :2], lambda x: x[:, ::2, 1:3], lambda x: x[:, 0],
        lambda x: x[:, :, None], lambda x: x[:, ::-1], lambda x: x[:, 1, 2]))
    op("get_item_first_token", "GetItem", lambda: each((4, 3), lambda x: L.Dense(2)(x[:, 0, :])))
    op("take", "Take TakeAlongAxis", lambda: each(S, lambda x: ops.take(x, [2, 0], axis=1), lambda x: ops.take(x, 1, axis=2),
                                                  lambda x: ops.take(x, -1, axis=1)))
    op("take_along_axis", "TakeAlongAxis", lambda: two(
        lambda x, i: ops.take_along_axis(x, ops.cast(i, "int32"), axis=1), S, (2, 4)), inputs=(
            normal((2, 3, 4)), lambda rng: rng.integers(0, 3, size=(2, 2, 4)).astype("float32")), gradients=False)
    op("slice", "Slice", lambda: each(S, lambda x: ops.slice(x, (0, 1, 0), (2, 2, 3))))
    op("broadcast_to", "BroadcastTo", lambda: each((1, 4), lambda x: ops.broadcast_to(x, (2, 3, 4))))
    op("slice_update", "SliceUpdate", lambda: two(lambda a, b: ops.slice_update(a, (0, 1, 1), b), (3, 4), (2, 3)),
       gradients=False, notes="TensorFlow has no gradient for it.")
    op("digitize", "Digitize", lambda: each(S, lambda x: ops.digitize(x, np.array([-0.5, 0.0, 0.7], "float32"))),
       gradients=False)
    op("ones_and_zeros_like", "OnesLike ZerosLike FullLike", lambda: each(
        S, lambda x: x * ops.ones_like(x) + ops.zeros_like(x), lambda x: x * ops.full_like(x, 3.0)))
    op("tri", "Tril Triu Diagonal Trace", lambda: each((4, 4), lambda x: ops.tril(x), lambda x: ops.triu(x, 1),
                                                       lambda x: ops.diagonal(x, axis1=1, axis2=2), lambda x: ops.trace(x, axis1=1, axis2=2)))
    op("diff", "Diff", lambda: each((5, 3), lambda x: ops.diff(x, axis=1)))
    op("cast_and_stop_gradient", "Cast StopGradient Copy", lambda: each(
        S, lambda x: ops.cast(ops.cast(x, "float64") * 2, "float32"), lambda x: ops.stop_gradient(x) * x, lambda x: ops.copy(x) * 2))
    op("one_hot", "OneHot", lambda: each((3,), lambda x: ops.one_hot(x, 5), lambda x: ops.one_hot(x, 5, axis=1), dtype="int32"),
       inputs=(integers((2, 3), 5),))
    op("multi_hot", "MultiHot", lambda: each((3,), lambda x: ops.multi_hot(x, 5), dtype="int32"), inputs=(integers((2, 3), 5),))
    op("space_to_depth", "SpaceToDepth DepthToSpace", lambda: each((4, 6, 4), lambda x: ops.space_to_depth(x, 2),
                                                                  lambda x: ops.depth_to_space(x, 2)))
    op("rearrange", "Rearrange", lambda: fixed((2, 4, 6, 2), lambda x: ops.rearrange(x, "b h w c -> b (h w) c")))
    op("unfold", "Unfold", lambda: each((2, 4, 5), lambda x: ops.unfold(x, kernel_size=2)))

    # Products.
    op("matmul", "Matmul", lambda: two(lambda a, b: [ops.matmul(a, b), a @ b], (3, 4), (4, 2)))
    op("matmul_transposed", "Matmul", lambda: two(lambda a, b: ops.matmul(a, ops.transpose(b, (0, 2, 1))), (3, 4), (2, 4)))
    op("matmul_with_array", "Matmul Dot", lambda: each((3, 4), lambda x: ops.matmul(x, np.arange(8, dtype="float32").reshape(4, 2) / 8),
                                                       lambda x: ops.dot(x, np.arange(8, dtype="float32").reshape(4, 2) / 8)))
    op("einsum", "Einsum", lambda: two(lambda a, b: [ops.einsum("bij,bkj->bik", a, b), ops.einsum("bij,bkj->bk", a, b)], (3, 4), (2, 4)))
    op("tensordot", "Tensordot", lambda: each((3, 4), lambda x: ops.tensordot(x, np.arange(8, dtype="float32").reshape(4, 2) / 8, axes=1)))
    op("cross", "Cross", lambda: two(lambda a, b: ops.cross(a, b), (4, 3), (4, 3)))
    op("dot_product_attention", "DotProductAttention", lambda: two(
        lambda a, b: [ops.dot_product_attention(a, b, b), ops.dot_product_attention(a, a, a, is_causal=True)], (3, 2, 4), (5, 2, 4)))

    # Neural networks and images.
    KERNEL = ops.convert_to_tensor((np.random.default_rng(3).normal(size=(2, 3, 2, 4)) / 3).astype("float32"))
    op("conv", "Conv", lambda: each((5, 6, 2), lambda x: ops.conv(x, KERNEL, strides=2, padding="same"), lambda x: ops.conv(x, KERNEL)))
    op("depthwise_conv", "DepthwiseConv", lambda: each((5, 6, 2), lambda x: ops.depthwise_conv(x, KERNEL[..., :1], padding="same")))
    op("separable_conv", "SeparableConv", lambda: each((5, 6, 2), lambda x: ops.separable_conv(
        x, KERNEL[..., :1], KERNEL[:1, :1], padding="same")))
    op("pooling", "MaxPool AveragePool", lambda: each((5, 6, 2), lambda x: ops.max_pool(x, 2, 2), lambda x: ops.average_pool(
        x, 3, 2, padding="same")))
    op("batch_normalization", "BatchNorm", lambda: each((3, 4), lambda x: ops.batch_normalization(
        x, np.array([0.1, 0.2, 0.3, 0.4], "float32"), np.array([1, 2, 0.5, 1.5], "float32"), axis=-1)))
    op("layer_normalization", "LayerNorm RMSNorm", lambda: each((3, 4), lambda x: ops.layer_normalization(x), lambda x: ops.rms_normalization(x)))
    op("image_resize", "Resize", lambda: each(
        (4, 5, 2), lambda x: ops.image.resize(x, (7, 8)), lambda x: ops.image.resize(x, (2, 3), interpolation="nearest"),
        lambda x: ops.image.resize(x, (8, 10), interpolation="bicubic"), lambda x: ops.image.resize(x, (3, 3), antialias=True)))
    op("image_pad_and_crop", "PadImages CropImages", lambda: each(
        (4, 5, 2), lambda x: ops.image.pad_images(x, 1, 2, 7, 9), lambda x: ops.image.crop_images(
            x, top_cropping=1, left_cropping=1, target_height=2, target_width=3)))
    op("image_rgb_to_grayscale", "RGBToGrayscale", lambda: each((4, 5, 3), lambda x: ops.image.rgb_to_grayscale(x)))
    op("image_extract_patches", "ExtractPatches", lambda: each((4, 6, 2), lambda x: ops.image.extract_patches(x, (2, 3))))

    # As people write them in models.
    def squeeze_and_excite():
        given = keras.Input((4, 5, 3))
        gate = ops.mean(given, axis=(1, 2), keepdims=True)
        gate = ops.sigmoid(L.Conv2D(3, 1)(ops.relu(L.Conv2D(2, 1)(gate))))
        return keras.Model(given, given * gate)

    def patches_with_positions():
        given = keras.Input((4, 6, 3))
        value = ops.reshape(L.Conv2D(5, 2, strides=2)(given), (-1, 6, 5))
        value = value + L.Embedding(6, 5)(ops.expand_dims(ops.arange(6), 0))
        return keras.Model(given, L.Dense(2)(ops.mean(value, axis=1)))

    def nested_with_ops():
        given = keras.Input((4, 5, 3))
        inner = keras.Model(given, ops.relu(L.Conv2D(3, 2)(given)) * 2, name="inner")
        given = keras.Input((4, 5, 3))
        return keras.Model(given, ops.max(inner(given / 2), axis=(1, 2)))

    op("convert_to_tensor", "ConvertToTensor", lambda: each((3, 4), lambda x: ops.tanh(ops.convert_to_tensor(x))))
    op("squeeze_and_excite", "Multiply", squeeze_and_excite)
    op("patches_with_positions", "Add", patches_with_positions)
    op("nested_model", "Multiply", nested_with_ops)
