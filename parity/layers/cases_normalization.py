"""Normalization. See golden.py for what the functions do and for the packages needed."""

import numpy as np

from golden import KERAS3, L, case, chain, normal, uniform, variants

variants("batch_normalization", L.BatchNormalization, (5, 4, 3), {
    "plain": dict(),
    "epsilon": dict(epsilon=0.1),
    "no_scale": dict(scale=False),
    "no_center": dict(center=False),
    "neither": dict(scale=False, center=False),
    "vector": dict(_shape=(6,)),
    "sequence": dict(_shape=(4, 6)),
    "volume": dict(_shape=(3, 2, 2, 4)),
    "axis1_of_sequence": dict(axis=1, _shape=(3, 5)),
})
if KERAS3:
    variants("batch_normalization", L.BatchNormalization, (3, 5, 4), {
        "axis1": dict(axis=1),
        "axis2": dict(axis=2),
        "synchronized": dict(synchronized=True),
    }, h5=())
    variants("batch_normalization", L.BatchNormalization, (4, 5, 3), {"renorm": dict(renorm=True)}, h5=())
else:
    variants("batch_normalization", L.BatchNormalization, (5, 4, 3), {
        "axis_list": dict(axis=[3], fused=False),
        "axis2": dict(axis=2),
        "axis1": dict(axis=1),
        "two_axes": dict(axis=[1, 3]),
        "renorm": dict(renorm=True),
    }, group=2)
    case("sync_batch_normalization", "SyncBatchNormalization", lambda: chain(
        (5, 4, 3), L.SyncBatchNormalization()), formats=("h5", "keras"))

variants("layer_normalization", L.LayerNormalization, (4, 3, 5), {
    "plain": dict(),
    "epsilon": dict(epsilon=0.1, scale=False),
    "no_center": dict(center=False),
    "neither": dict(center=False, scale=False),
    "axis1": dict(axis=1),
    "two_axes": dict(axis=[2, 3]),
    "all_axes": dict(axis=[1, 2, 3]),
    "vector": dict(_shape=(7,)),
})

variants("group_normalization", L.GroupNormalization, (4, 3, 6), {
    "groups3": dict(groups=3),
    "groups1": dict(groups=1, epsilon=0.1),
    "instance": dict(groups=-1),
    "no_scale": dict(groups=2, scale=False),
    "no_center": dict(groups=2, center=False),
    "axis1": dict(groups=2, axis=1, _only=3),
    "sequence": dict(groups=2, _shape=(5, 6)),
    "vector": dict(groups=2, _shape=(6,)),
})
variants("unit_normalization", L.UnitNormalization, (4, 3), {
    "plain": dict(), "axis1": dict(axis=1), "two_axes": dict(axis=[1, 2])})
if KERAS3:
    variants("rms_normalization", L.RMSNormalization, (4, 3, 5), {
        "plain": dict(),
        "epsilon": dict(epsilon=0.1),
        "two_axes": dict(axis=[2, 3]),
    })
    case("spectral_normalization_conv2d", "SpectralNormalization", lambda: chain(
        (5, 4, 3), L.SpectralNormalization(L.Conv2D(2, 3), power_iterations=2)), formats=("h5", "keras"))
    case("spectral_normalization_dense", "SpectralNormalization", lambda: chain((5,), L.SpectralNormalization(L.Dense(3))))


def adapted(shape, **arguments):
    layer = L.Normalization(**arguments)
    layer.adapt(np.random.default_rng(5).normal(2, 3, (16, *shape)).astype("float32"))
    return chain(shape, layer)


FORMATS = ("h5", "keras")
case("normalization_adapted", "Normalization", lambda: adapted((4, 3)), formats=FORMATS)
case("normalization_adapted_map", "Normalization", lambda: adapted((4, 5, 3), axis=-1))
case("normalization_scalar", "Normalization", lambda: adapted((4, 3), axis=None))
case("normalization_two_axes", "Normalization", lambda: adapted((4, 3), axis=(1, 2)))
case("normalization_given_list", "Normalization", lambda: chain(
    (4, 5, 3), L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.5])), formats=FORMATS)
case("normalization_given_number", "Normalization", lambda: chain((4, 3), L.Normalization(axis=None, mean=0.3, variance=2.0)),
     formats=FORMATS)
case("normalization_invert", "Normalization", lambda: chain(
    (4, 3), L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.5], invert=True)), only=3)
case("normalization_zero_variance", "Normalization", lambda: chain(
    (3,), L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.0])),
    inputs=(lambda rng: np.array([[1, 2, 0.3], [2, 1, 0.3]]),), gradients=False,
    notes="A variance of zero divides by epsilon (1e-7).")
