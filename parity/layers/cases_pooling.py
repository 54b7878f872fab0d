"""Pooling. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import L, case, chain, tf, variants

for kind in ("Max", "Average"):
    name = f"{kind.lower()}_pooling"
    variants(f"{name}1d", getattr(L, f"{kind}Pooling1D"), (9, 3), {
        "plain": dict(pool_size=2),
        "same": dict(pool_size=3, strides=2, padding="same"),
        "same_even": dict(pool_size=2, padding="same"),
        "overlapping": dict(pool_size=3, strides=1),
        "channels_first": dict(pool_size=2, data_format="channels_first", _shape=(3, 9)),
    }, group=5)
    variants(f"{name}2d", getattr(L, f"{kind}Pooling2D"), (7, 6, 3), {
        "plain": dict(pool_size=2),
        "same": dict(pool_size=3, strides=2, padding="same"),
        "same_even_pool": dict(pool_size=2, strides=2, padding="same"),
        "same_strides1": dict(pool_size=(2, 3), strides=1, padding="same"),
        "valid_strides21": dict(pool_size=(3, 2), strides=(2, 1)),
        "strides_beyond_pool": dict(pool_size=2, strides=3, padding="valid"),
        "whole_map": dict(pool_size=(7, 6)),
        "channels_first": dict(pool_size=2, padding="same", data_format="channels_first", _shape=(3, 7, 6)),
    }, group=7)
    variants(f"{name}3d", getattr(L, f"{kind}Pooling3D"), (5, 4, 6, 2), {
        "plain": dict(pool_size=2),
        "same": dict(pool_size=3, strides=2, padding="same"),
        "valid_strides112": dict(pool_size=(2, 1, 3), strides=(1, 1, 2)),
        "channels_first": dict(pool_size=2, padding="same", data_format="channels_first", _shape=(2, 5, 4, 6)),
    }, group=5)

for kind in ("Max", "Average"):
    for rank in (1, 2, 3):
        shape = (4, 3, 5)[:rank]
        variants(f"global_{kind.lower()}_pooling{rank}d", getattr(L, f"Global{kind}Pooling{rank}D"), (*shape, 3), {
            "plain": dict(),
            "keepdims": dict(keepdims=True),
            "channels_first": dict(data_format="channels_first", _shape=(3, *shape)),
            "channels_first_keepdims": dict(data_format="channels_first", keepdims=True, _shape=(3, *shape)),
        }, group=4)


class Windows(L.Layer):
    """Adaptive pooling by its definition: output i covers the input from floor(i * n / m) up to ceil((i + 1) * n / m)."""

    def __init__(self, reduce, sizes, **given):
        super().__init__(**given)
        self.reduce, self.sizes = reduce, sizes

    def call(self, value):
        for axis, size in enumerate(self.sizes, 1):
            length = value.shape[axis]
            cells = [self.reduce(tf.gather(value, range(i * length // size, -(-(i + 1) * length // size)), axis=axis), axis, True)
                     for i in range(size)]
            value = tf.concat(cells, axis)
        return value


def adaptive(layer_class, reduce, sizes, shape, **arguments):
    layer = layer_class(sizes if len(sizes) > 1 else sizes[0], **arguments)
    given = keras.Input(shape)
    value = Windows(reduce, sizes, name=layer.name)
    return chain(shape, layer), keras.Model(given, value(given))


for kind, reduce in (("Max", tf.reduce_max), ("Average", tf.reduce_mean)):
    for rank in (1, 2, 3):
        name, shape = f"Adaptive{kind}Pooling{rank}D", (7, 6, 5)[:rank]
        for variant, sizes in {"every_size": (7, 3, 5), "uneven": (3, 4, 2), "one_value": (1, 1, 1), "larger": (9, 8, 5)}.items():
            case(f"adaptive_{kind.lower()}_pooling{rank}d_{variant}", name,
                 lambda n=name, r=reduce, z=sizes[:rank], s=shape: adaptive(getattr(L, n), r, z, (*s, 2)),
                 lacks="a finite gradient of this layer", only=3)
        variants(f"adaptive_{kind.lower()}_pooling{rank}d", getattr(L, name, L.Layer), shape, {
            "channels_first": dict(output_size=2, data_format="channels_first", _shape=(2, *shape))}, only=3, h5=())
