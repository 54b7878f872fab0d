"""Makes core/src/test/resources/golden/methods: a small PyTorch network as ONNX, two images, and what Captum
computes of them with the same weights. Maps are sums over the channels.

Python 3.11, parity/requirements-torch.txt and captum==0.9.0.
"""
import pathlib

import numpy as np
import torch
from captum.attr import (
    Deconvolution,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerActivation,
    LayerGradientXActivation,
    Occlusion,
)

from network import UNITS, network

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"

def save(name, array):
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(array, dtype=np.float32))


def each_unit(attribute):
    """(batch, height, width, units) from attributions (batch, channels, height, width) of each unit."""
    maps = [attribute(unit).detach().numpy().sum(1) for unit in range(UNITS)]
    return np.stack(maps, -1)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    net, x = network()
    save("x", x.numpy())
    torch.onnx.export(
        net, (x,), str(OUT / "net.onnx"), dynamo=False, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17,
    )
    save("y", net(x).detach().numpy())
    save("input_x_gradient", each_unit(lambda u: InputXGradient(net).attribute(x, target=u)))
    paths = IntegratedGradients(net)
    for name, rule in (("gauss", "gausslegendre"), ("middle", "riemann_middle")):
        save(
            f"integrated_gradients_{name}",
            each_unit(lambda u: paths.attribute(x, 0.25 * torch.ones_like(x), target=u, n_steps=20, method=rule)),
        )
    save("guided_backprop", each_unit(lambda u: GuidedBackprop(net).attribute(x, target=u)))
    save("deconvnet", each_unit(lambda u: Deconvolution(net).attribute(x, target=u)))
    save(
        "occlusion",
        each_unit(
            lambda u: Occlusion(net).attribute(
                x, (3, 4, 4), strides=(3, 3, 3), baselines=0.25, target=u
            )[:, :1]
        ),
    )
    activations = LayerActivation(net, net.relu2).attribute(x)
    maps = []
    for unit in range(UNITS):
        product = LayerGradientXActivation(net, net.relu2).attribute(x, target=unit)
        maps.append(product.clamp(min=0).detach().numpy().sum(1))  # activations are >= 0: relu(g) A = relu(g A)
    assert (activations >= 0).all()
    save("layercam", np.stack(maps, -1))


main()
