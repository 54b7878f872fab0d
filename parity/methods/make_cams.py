"""Adds maps of activations to core/src/test/resources/golden/methods: what pytorch-grad-cam and Captum compute of the
network and the images of make_methods.py, before they cut and scale them.

Python 3.11, parity/requirements-torch.txt, captum==0.9.0 and grad-cam==1.5.7.
"""
import pathlib

import numpy as np
import torch
from captum.attr import GuidedGradCam
from pytorch_grad_cam import AblationCAM, EigenCAM, EigenGradCAM, FinerCAM, KPCA_CAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from network import UNITS, network

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"


def save(name, maps):
    """Maps (batch, height, width, units)."""
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(maps, dtype=np.float32))


def signed(maps):
    """The sign of a component is open: each map with the value of the largest magnitude positive."""
    flat = maps.reshape(len(maps), -1)
    largest = np.take_along_axis(flat, np.abs(flat).argmax(1)[:, None], 1)
    return maps * np.sign(largest)[:, :, None]


def raw(cam, x, **call):
    """What a method of pytorch-grad-cam computes before the map is cut and scaled."""
    kept = []
    base = getattr(cam, "base_cam", cam)
    image = base.get_cam_image
    base.get_cam_image = lambda *a, **k: kept.append(image(*a, **k)) or kept[-1]
    cam(x, **call)
    return kept[0]


def main():
    net, x = network()
    layers = [net.relu2]

    def each_unit(make, **call):
        maps = [raw(make(), x, targets=[ClassifierOutputTarget(u)] * len(x), **call) for u in range(UNITS)]
        return np.stack(maps, -1)

    # The same for all units.
    save("eigencam", np.stack([signed(raw(EigenCAM(net, layers), x, targets=None))] * UNITS, -1))
    save("kpcacam", np.stack([signed(raw(KPCA_CAM(net, layers), x, targets=None))] * UNITS, -1))
    maps = [signed(raw(EigenGradCAM(net, layers), x, targets=[ClassifierOutputTarget(u)] * len(x))) for u in range(UNITS)]
    save("eigengradcam", np.stack(maps, -1))
    save("ablationcam", each_unit(lambda: AblationCAM(net, layers)))
    save("finercam", np.stack([raw(FinerCAM(net, layers), x, target_idx=u) for u in range(UNITS)], -1))

    guided = GuidedGradCam(net, net.relu2)
    maps = [guided.attribute(x, target=u, interpolate_mode="bilinear").detach().numpy().sum(1) for u in range(UNITS)]
    save("guided_gradcam", np.stack(maps, -1))

    # Recipro-CAM as its paper has it, with logits: the head on the activation with one place left.
    with torch.no_grad():
        a = net.relu2(net.conv2(net.pool(net.relu1(net.conv1(x)))))
        maps = np.zeros((len(x), *a.shape[2:], UNITS), np.float32)
        for i in range(a.shape[2]):
            for j in range(a.shape[3]):
                one = torch.zeros_like(a)
                one[:, :, i, j] = a[:, :, i, j]
                maps[:, i, j] = net.dense2(net.relu3(net.dense1(net.gap(one).flatten(1)))).numpy()
    save("reciprocam", maps)


main()
