"""Adds maps of the input to core/src/test/resources/golden/methods: what Captum and PAIR's saliency compute of the network
and the images of make_methods.py, summed over the channels.

Python 3.11, parity/requirements-torch.txt, captum==0.9.0 and saliency==0.2.1.
"""
import pathlib

import numpy as np
import saliency.core as saliency
import torch
from captum.attr import DeepLift

from network import UNITS, network

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"


# The name of this argument has changed in NumPy since saliency 0.2.1.
quantile = np.quantile
np.quantile = lambda a, q, interpolation: quantile(a, q, method=interpolation)


def save(name, maps):
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(maps, dtype=np.float32))


def main():
    net, x = network()
    baseline = torch.linspace(-1, 1, 3 * 12 * 10).reshape(1, 3, 12, 10)
    save("baseline", baseline.numpy())

    def gradients(images, unit):
        points = images.clone().requires_grad_(True)
        net(points)[:, unit].sum().backward()
        return points.grad

    deeplift = DeepLift(net)
    maps = [deeplift.attribute(x, baseline.expand_as(x), target=u).detach().numpy().sum(1) for u in range(UNITS)]
    save("deeplift", np.stack(maps, -1))

    # GradientSHAP with samples that are given: each baseline with the place that stands beside it.
    baselines = torch.randn(4, 3, 12, 10, generator=torch.Generator().manual_seed(3))
    save("baselines", baselines.numpy())
    places = [0.1, 0.45, 0.7, 0.95]
    maps = []
    for unit in range(UNITS):
        parts = [(x - b) * gradients(b + a * (x - b), unit) for b, a in zip(baselines, places)]
        maps.append(torch.stack(parts).mean(0).numpy().sum(1))
    save("expected_gradients", np.stack(maps, -1))

    def call(images, call_model_args=None, expected_keys=None):
        """The gradients of a unit as PAIR's saliency asks for them, channels last."""
        points = torch.tensor(np.asarray(images, dtype=np.float32)).permute(0, 3, 1, 2)
        given = gradients(points, call_model_args["unit"]).permute(0, 2, 3, 1).numpy()
        return {saliency.base.INPUT_OUTPUT_GRADIENTS: given}

    def each(mask):
        return np.stack(
            [
                np.stack(
                    [mask(np.float64(image.permute(1, 2, 0).numpy()), {"unit": u}).sum(-1) for u in range(UNITS)], -1
                )
                for image in x
            ]
        )

    start = np.float64(baseline[0].permute(1, 2, 0).numpy())
    save(
        "guided_ig",
        each(lambda i, a: saliency.GuidedIG().GetMask(i, call, a, x_baseline=start, x_steps=30, fraction=0.25, max_dist=0.05)),
    )
    random = np.random.default_rng(5)
    attributions = random.normal(size=(12, 10))
    masks = np.zeros((14, 12, 10), bool)
    for mask in masks:
        top, left = random.integers(0, 9), random.integers(0, 7)
        mask[top : top + random.integers(2, 9), left : left + random.integers(2, 7)] = True
    ranked, _ = saliency.XRAI._xrai(attributions, list(masks), min_pixel_diff=3)
    save("xrai_attributions", attributions)
    save("xrai_masks", masks)
    save("xrai", ranked)

    save("blur_ig", each(lambda i, a: saliency.BlurIG().GetMask(i, call, a, max_sigma=4, steps=20)))


main()
