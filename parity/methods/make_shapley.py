"""Adds shapley.onnx, its images and its maps to core/src/test/resources/golden/methods: ShapleyCAM of pytorch-grad-cam on a
network that is curved behind the explained activation, before maps are cut and scaled.

Python 3.11, parity/requirements-torch.txt and grad-cam==1.5.7.
"""
import pathlib

import numpy as np
import torch
from pytorch_grad_cam import ShapleyCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"
UNITS = 3


class Net(torch.nn.Module):
    """Behind the activation: a sigmoid gate, a convolution, tanh, layer normalization and a softmax over channels."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.relu1 = torch.nn.ReLU()
        self.conv2 = torch.nn.Conv2d(6, 8, 3, padding=1, stride=2)
        self.silu = torch.nn.SiLU()
        self.pool = torch.nn.AvgPool2d(2, ceil_mode=True)
        self.norm = torch.nn.LayerNorm(8)
        self.dense1 = torch.nn.Linear(8, 10)
        self.dense2 = torch.nn.Linear(10, UNITS)

    def forward(self, x):
        x = self.relu1(self.conv1(x))
        x = self.pool(torch.tanh(self.silu(self.conv2(x)))).mean((2, 3))
        x = torch.softmax(self.dense1(self.norm(x)), 1) * torch.nn.functional.gelu(self.dense1(x))
        return self.dense2(x)


def main():
    torch.manual_seed(3)
    net = Net().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(2)
    x = torch.randn(2, 3, 12, 10)
    np.save(OUT / "shapley_x.npy", x.numpy())
    torch.onnx.export(
        net, (x,), str(OUT / "shapley.onnx"), dynamo=False, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17,
    )
    maps = []
    for unit in range(UNITS):
        cam, kept = ShapleyCAM(net, [net.relu1]), []
        image = cam.get_cam_image
        cam.get_cam_image = lambda *a, **k: kept.append(image(*a, **k)) or kept[-1]
        cam(x, targets=[ClassifierOutputTarget(unit)] * len(x))
        kept = kept[0]
        maps.append(kept.detach().numpy() if torch.is_tensor(kept) else kept)
    np.save(OUT / "shapleycam.npy", np.ascontiguousarray(np.stack(maps, -1), dtype=np.float32))


main()
