"""The cases of make_hub.py: what builds a model, what Grad-CAM explains in it, and the size of its pictures."""

import zlib

CASES = {}


class Case:
    def __init__(self, build, layer, size, seed, named=False, grid=None, call=None):
        self.build = build
        self.seed = seed
        self.layer = layer
        self.size = size
        self.named = named
        self.grid = grid
        self.call = call or (lambda model, x: model(x, training=False))


def case(layer, size=(24, 20, 3), **more):
    """Registers a function that builds a model.

    The layer is what Grad-CAM explains unless told otherwise; with named=True it is named, since the usual one is of no use. A grid
    (rows, columns) says how its tokens lie, those before them left out. What is called is the model, unless call says what.
    """

    def register(function):
        first = function.__module__ == "convolutions"
        seed = 100 + len(CASES) if first else zlib.crc32(function.__name__.encode()) % 10000
        CASES[function.__name__] = Case(function, layer, size, seed, **more)
        return function

    return register


def task(backbone, kind, **arguments):
    return kind(backbone=backbone, num_classes=3, **arguments)
