"""Reshaping. See golden.py for what the functions do and for the packages needed."""

from golden import L, variants

variants("cropping1d", L.Cropping1D, (7, 3), {
    "plain": dict(), "one_number": dict(cropping=2), "pair": dict(cropping=(0, 3)),
}, group=6)
variants("cropping2d", L.Cropping2D, (7, 6, 3), {
    "one_number": dict(cropping=2), "pair": dict(cropping=(1, 2)), "sides": dict(cropping=((1, 2), (0, 3))),
    "channels_first": dict(cropping=((1, 2), (0, 3)), data_format="channels_first", _shape=(3, 7, 6)),
}, group=6)
variants("cropping3d", L.Cropping3D, (5, 4, 6, 2), {
    "one_number": dict(cropping=1), "triple": dict(cropping=(2, 1, 0)), "sides": dict(cropping=((1, 2), (0, 1), (2, 0))),
    "channels_first": dict(cropping=1, data_format="channels_first", _shape=(2, 5, 4, 6)),
}, group=6)
variants("zero_padding1d", L.ZeroPadding1D, (4, 3), {
    "plain": dict(), "one_number": dict(padding=2), "pair": dict(padding=(0, 3)),
    "channels_first": dict(padding=(1, 2), data_format="channels_first", _shape=(3, 4), _only=3),
}, group=6)
variants("zero_padding2d", L.ZeroPadding2D, (3, 4, 2), {
    "one_number": dict(padding=2), "pair": dict(padding=(1, 2)), "sides": dict(padding=((1, 2), (0, 3))),
    "channels_first": dict(padding=((1, 2), (0, 3)), data_format="channels_first", _shape=(2, 3, 4)),
}, group=6)
variants("zero_padding3d", L.ZeroPadding3D, (2, 3, 2, 2), {
    "one_number": dict(padding=1), "triple": dict(padding=(2, 1, 0)), "sides": dict(padding=((1, 0), (0, 1), (2, 0))),
    "channels_first": dict(padding=1, data_format="channels_first", _shape=(2, 2, 3, 2)),
}, group=6)

variants("up_sampling1d", L.UpSampling1D, (4, 3), {"plain": dict(), "size3": dict(size=3)})
variants("up_sampling2d", L.UpSampling2D, (3, 4, 2), {
    "plain": dict(),
    "size32": dict(size=(3, 2)),
    "bilinear": dict(interpolation="bilinear"),
    "bilinear_size23": dict(size=(2, 3), interpolation="bilinear"),
    "bicubic": dict(size=(2, 3), interpolation="bicubic"),
    "lanczos3": dict(interpolation="lanczos3"),
    "lanczos5": dict(size=(2, 3), interpolation="lanczos5"),
    "channels_first": dict(data_format="channels_first", _shape=(2, 3, 4)),
    "channels_first_bilinear": dict(interpolation="bilinear", data_format="channels_first", _shape=(2, 3, 4)),
    "gaussian": dict(interpolation="gaussian", _only=2),
    "mitchellcubic": dict(interpolation="mitchellcubic", _only=2),
}, group=7)
variants("up_sampling3d", L.UpSampling3D, (2, 3, 2, 2), {
    "plain": dict(), "size123": dict(size=(1, 2, 3)),
    "channels_first": dict(data_format="channels_first", _shape=(2, 2, 3, 2)),
})

variants("permute", L.Permute, (3, 4, 2), {
    "channels_to_front": dict(dims=(3, 1, 2)), "swap": dict(dims=(2, 1, 3)), "reverse": dict(dims=(3, 2, 1)),
    "sequence": dict(dims=(2, 1), _shape=(3, 4)),
}, group=6)
variants("repeat_vector", L.RepeatVector, (4,), {"three": dict(n=3)})
variants("reshape", L.Reshape, (3, 4, 2), {
    "flat": dict(target_shape=(24,)),
    "inferred": dict(target_shape=(-1, 2)),
    "other_map": dict(target_shape=(4, 3, 2)),
    "more_axes": dict(target_shape=(3, 2, 2, 2)),
    "one_by_one": dict(target_shape=(1, 1, 6), _shape=(6,)),
    "infer_all": dict(target_shape=(-1,)),
}, group=6)
