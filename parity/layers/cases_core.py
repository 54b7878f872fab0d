"""Core layers, activations and regularisation. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import KERAS3, L, branches, case, chain, integers, normal, variants

variants("dense", L.Dense, (5,), {
    "plain": dict(units=4),
    "no_bias": dict(units=3, use_bias=False, activation="relu"),
    "on_a_map": dict(units=4, activation="softmax", _shape=(3, 4, 5)),
    "on_a_sequence": dict(units=4, activation="tanh", _shape=(6, 5)),
    "regularized": dict(units=2, kernel_regularizer="l2", bias_constraint="non_neg"),
})
if KERAS3:
    def low_rank():
        layer = L.Dense(6, name="dense")
        model = chain((8,), layer)
        layer.enable_lora(2)
        return model

    case("dense_lora", "Dense", low_rank, only=3, notes="Saved with low-rank adaptation: the file holds the merged kernel.")

case("einsum_dense_map", "EinsumDense", lambda: chain((4, 5), L.EinsumDense("abc,cd->abd", (None, 6), bias_axes="d")),
     formats=("h5", "keras"))
case("einsum_dense_two_axes", "EinsumDense", lambda: chain(
    (4, 6), L.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="de", activation="relu")))
case("einsum_dense_contracted", "EinsumDense", lambda: chain((4, 2, 3), L.EinsumDense("abcd,cde->abe", (None, 5))))
case("einsum_dense_ellipsis", "EinsumDense", lambda: chain((4, 3, 5), L.EinsumDense("...x,xy->...y", (4, 3, 2), bias_axes="y")))
case("einsum_dense_leading_axes", "EinsumDense", lambda: chain((4, 5), L.EinsumDense("...x,xy->...y", 2 if KERAS3 else (2,))))
case("einsum_dense_over_time", "EinsumDense", lambda: chain((4, 5), L.EinsumDense("bti,ts->bsi", (3, 5), bias_axes="s")))

case("embedding_plain", "Embedding", lambda: chain((5,), L.Embedding(7, 3), dtype="int32"), inputs=(integers((2, 5), 7),),
     formats=("h5", "keras"))
if KERAS3:
    def reversible(**options):
        given = keras.Input((5,), dtype="int32")
        embedding = L.ReversibleEmbedding(7, 3, **options)
        return keras.Model(given, embedding(L.Dense(3, activation="tanh")(embedding(given)), reverse=True))

    case("reversible_embedding", "ReversibleEmbedding", reversible, inputs=(integers((2, 5), 7),))
    case("reversible_embedding_own", "ReversibleEmbedding", lambda: reversible(tie_weights=False, logit_soft_cap=1.5),
         inputs=(integers((2, 5), 7),))
case("embedding_input_length", "Embedding", lambda: chain((4,), L.Embedding(7, 3, input_length=4), L.Flatten(), L.Dense(2),
                                                          dtype="int32"), inputs=(integers((2, 4), 7),), only=2)
case("embedding_two_axes", "Embedding", lambda: chain((3, 2), L.Embedding(6, 4, mask_zero=True), dtype="int32"),
     inputs=(integers((2, 3, 2), 6),))
case("embedding_float_input", "Embedding", lambda: chain((5,), L.Embedding(7, 3)),
     inputs=(lambda rng: rng.integers(0, 7, (2, 5)).astype("float32"),), gradients=False)

case("identity", "Identity", lambda: chain((4, 3), L.Identity(), L.Activation("tanh")), formats=("h5", "keras"))
case("flatten_map", "Flatten", lambda: chain((3, 4, 2), L.Flatten(), L.Dense(3)), formats=("h5", "keras"))
case("flatten_channels_first", "Flatten", lambda: chain((2, 3, 4), L.Flatten(data_format="channels_first")))
case("flatten_scalar", "Flatten", lambda: chain((), L.Flatten()))
case("input_layer_named", "InputLayer", lambda: chain((3, 4), L.Dense(2)), formats=("h5", "keras"))
case("input_layer_fixed_batch", "InputLayer", lambda: fixed_batch())
case("input_layer_integers", "InputLayer", lambda: chain((4,), L.Rescaling(0.5), dtype="int32"), inputs=(integers((2, 4), 9),))


def fixed_batch():
    given = keras.Input(batch_shape=(2, 4, 3))
    return keras.Model(given, L.Dense(2)(given))


# Activations by name, where both ends of each piece are reached.
NAMES = ("elu exponential gelu hard_sigmoid leaky_relu linear log_softmax relu relu6 selu sigmoid silu softmax softplus"
         " softsign swish tanh").split()
NEW_NAMES = ("celu glu hard_shrink hard_silu hard_swish hard_tanh log_sigmoid mish soft_shrink sparse_plus sparse_sigmoid"
             " sparsemax squareplus tanh_shrink").split()
for start in range(0, len(NAMES), 6):
    part = NAMES[start:start + 6]
    case("activation_" + "_".join(part), "Activation",
         lambda p=part: branches((4, 6), {f"as_{name}": L.Activation(name) for name in p}),
         inputs=(normal((2, 4, 6), 3),), formats=("h5", "keras"))
for start in range(0, len(NEW_NAMES), 5):
    part = NEW_NAMES[start:start + 5]
    case("activation_" + "_".join(part), "Activation",
         lambda p=part: branches((4, 6), {f"as_{name}": L.Activation(name) for name in p}),
         inputs=(normal((2, 4, 6), 2),), formats=("h5", "keras") if start == 0 else ("keras",), only=3)
case("activation_on_a_map", "Activation", lambda: branches((3, 4, 5), {
    "softmax": L.Activation("softmax"), "log_softmax": L.Activation("log_softmax"), "relu": L.Activation("relu")}))
case("activation_inside_dense", "Activation", lambda: branches((5,), {
    name: L.Dense(4, activation=name) for name in ("gelu", "selu", "softsign", "hard_sigmoid", "swish")}),
    formats=("h5", "keras"))
case("activation_layer_inside_dense", "Activation", lambda: branches((5,), {
    "leaky": L.Dense(4, activation=L.LeakyReLU(0.2)), "capped": L.Dense(4, activation=L.ReLU(max_value=1.0))}),
    formats=("keras",) if KERAS3 else ("h5", "keras"), notes="The activation is itself a layer.")

variants("relu", L.ReLU, (4, 6), {
    "plain": dict(),
    "max_value": dict(max_value=2.5),
    "negative_slope": dict(negative_slope=0.2),
    "threshold": dict(threshold=0.7),
    "everything": dict(max_value=3.0, negative_slope=0.3, threshold=0.5),
}, inputs=(normal((2, 4, 6), 3),), group=6)
variants("leaky_relu", L.LeakyReLU, (4, 6), {
    "plain": dict(),
    "negative_slope": dict(negative_slope=0.1, _only=3),
    "alpha": dict(alpha=0.1, _only=2),
})
case("leaky_relu_old_alpha", "LeakyReLU", lambda: chain((4, 6), L.LeakyReLU(alpha=0.15)), only=3)
variants("prelu", L.PReLU, (4, 5, 3), {
    "plain": dict(),
    "shared_axes": dict(shared_axes=[1, 2]),
    "shared_last": dict(shared_axes=[3]),
    "vector": dict(_shape=(5,)),
})
variants("elu", L.ELU, (4, 6), {"plain": dict(), "alpha": dict(alpha=0.5)})
variants("softmax", L.Softmax, (4, 6), {
    "plain": dict(),
    "axis1": dict(axis=1),
    "axes12": dict(axis=[1, 2]),
    "negative_axes": dict(axis=(-2, -1)),
})
if not KERAS3:
    variants("thresholded_relu", L.ThresholdedReLU, (4, 6), {"plain": dict(), "theta": dict(theta=0.4)}, inputs=(normal((2, 4, 6), 2),))

# At inference these hand on their input.
variants("dropout", L.Dropout, (4, 3), {"plain": dict(rate=0.5), "noise_shape": dict(rate=0.3, noise_shape=(None, 1, 3), seed=1)})
for rank, layer_class in enumerate((L.SpatialDropout1D, L.SpatialDropout2D, L.SpatialDropout3D), 1):
    variants(f"spatial_dropout{rank}d", layer_class, (2,) * rank + (3,), {"plain": dict(rate=0.5)})
variants("gaussian_dropout", L.GaussianDropout, (4, 3), {"plain": dict(rate=0.5)})
variants("gaussian_noise", L.GaussianNoise, (4, 3), {"plain": dict(stddev=0.5)})
variants("alpha_dropout", L.AlphaDropout, (4, 3), {"plain": dict(rate=0.5)})
variants("activity_regularization", L.ActivityRegularization, (4, 3), {"plain": dict(l1=0.1, l2=0.2)})
