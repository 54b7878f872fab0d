"""The layers that keras.applications defines for itself. See golden.py for the packages needed."""

import importlib

import keras

from golden import KERAS3, L, case, chain

convnext = importlib.import_module("keras.src.applications.convnext" if KERAS3 else "keras.applications.convnext")
OWN = {"LayerScale": convnext.LayerScale, "StochasticDepth": convnext.StochasticDepth}
BOTH = ("h5", "keras")
case("layer_scale", "LayerScale", lambda: chain((3, 4, 5), convnext.LayerScale(1e-6, 5)), formats=BOTH, custom_objects=OWN)
case("stochastic_depth", "StochasticDepth", lambda: chain((3, 4, 5), convnext.StochasticDepth(0.3), L.Dense(2)), formats=BOTH,
     custom_objects=OWN)
if KERAS3:
    inception = importlib.import_module("keras.src.applications.inception_resnet_v2")
    OWN["CustomScaleLayer"] = inception.CustomScaleLayer

    def scaled():
        given = [keras.Input((3, 4)), keras.Input((3, 4))]
        return keras.Model(given, inception.CustomScaleLayer(0.17)(given))

    case("custom_scale_layer", "CustomScaleLayer", scaled, formats=BOTH, custom_objects=OWN)
