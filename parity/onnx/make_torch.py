"""Makes the archives torch_*.zip of core/src/test/resources/golden/onnx: tiny networks as PyTorch exports them.

Needs the packages of requirements-onnx.txt, torch 2.15 and onnxscript 0.7 (requirements-torch.txt):
    python parity/onnx/make_torch.py [--only TEXT] [--out FOLDER]
Outputs and gradients are PyTorch's own, by autograd, of the network that is exported.
"""

import argparse
import pathlib
import tempfile

import numpy as np
import torch
from torch import nn

from make_onnx import OUT, pack


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(x + self.bn2(self.conv2(y)))


class Residual(nn.Module):
    """ResNet in small. The explained activation is what goes into the pooling."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2, padding=3), nn.BatchNorm2d(8), nn.ReLU(),
                                  nn.MaxPool2d(3, stride=2, padding=1))
        self.block = Block(8)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))

    def forward(self, x):
        return torch.softmax(self.logits(x), 1)

    def activation(self, x):
        return self.block(self.stem(x))

    def logits(self, x):
        return self.head(self.activation(x))


class Plain(nn.Module):
    """VGG in small: flattened, not pooled. Ends in the logarithm of a softmax."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 3), nn.LeakyReLU(0.1), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3, groups=2), nn.SiLU())
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(8 * 4 * 4, 12), nn.Hardswish(), nn.Linear(12, 4))

    def forward(self, x):
        return torch.log_softmax(self.logits(x), 1)

    def activation(self, x):
        return self.features(x)

    def logits(self, x):
        return self.head(self.activation(x).flatten(1))


class Modern(nn.Module):
    """ConvNeXt in small: depthwise kernels, layer normalization of the channels, GELU."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.depthwise = nn.Conv2d(8, 8, 5, padding=2, groups=8)
        self.norm = nn.LayerNorm(8)
        self.expand, self.project = nn.Linear(8, 16), nn.Linear(16, 8)
        self.scale = nn.Parameter(torch.full((8,), 0.7))
        self.last, self.head = nn.LayerNorm(8), nn.Linear(8, 5)

    def forward(self, x):
        return self.logits(x)

    def activation(self, x):
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.scale * self.project(nn.functional.gelu(self.expand(y)))
        return x + y.permute(0, 3, 1, 2)

    def logits(self, x):
        return self.head(self.last(self.activation(x).mean((2, 3))))


class Transformer(nn.Module):
    """ViT in small, with a class token. No pooling, so gradients only."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 12))
        self.position = nn.Parameter(torch.randn(1, 17, 12) * 0.3)
        self.norm1, self.norm2, self.last = nn.LayerNorm(12), nn.LayerNorm(12), nn.LayerNorm(12)
        self.attention = nn.MultiheadAttention(12, 3, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(12, 24), nn.GELU(), nn.Linear(24, 12))
        self.head = nn.Linear(12, 5)

    def forward(self, x):
        return torch.softmax(self.logits(x), -1)

    activation = None

    def logits(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        x = x + self.mlp(self.norm2(x))
        return self.head(self.last(x)[:, 0])


class Upsampling(nn.Module):
    """A sigmoid for each of a few labels, after transposed and resized maps."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.norm = nn.GroupNorm(3, 6)
        self.up = nn.ConvTranspose2d(6, 6, 2, stride=2)
        self.side = nn.Conv2d(6, 6, 1)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        return torch.sigmoid(self.logits(x))

    def activation(self, x):
        y = torch.tanh(self.norm(self.down(x)))
        return torch.cat([self.up(y), nn.functional.interpolate(self.side(y), scale_factor=2.0, mode="bilinear")], 1)[:, 3:9]

    def logits(self, x):
        return self.head(self.activation(x).amax((2, 3)))


# name: network, shape of the input, and what else the exporter is told
CASES = {
    "torch_residual": (Residual, (3, 24, 20), {}),
    "torch_residual_opset_18": (Residual, (3, 24, 20), {"opset_version": 18}),
    "torch_residual_fixed_batch": (Residual, (3, 24, 20), {"dynamic_shapes": None}),
    "torch_residual_external": (Residual, (3, 24, 20), {"external_data": True}),
    "torch_residual_script": (Residual, (3, 24, 20), {"dynamo": False, "opset_version": 11, "dynamic_shapes": None,
                                                     "dynamic_axes": {"x": {0: "batch"}}}),
    "torch_plain": (Plain, (1, 14, 14), {}),
    "torch_modern": (Modern, (3, 16, 20), {}),
    "torch_modern_script": (Modern, (3, 16, 20), {"dynamo": False, "opset_version": 13, "dynamic_shapes": None,
                                                  "dynamic_axes": {"x": {0: "batch"}}}),
    "torch_transformer": (Transformer, (3, 16, 16), {}),
    "torch_transformer_fixed_batch": (Transformer, (3, 16, 16), {"dynamic_shapes": None}),
    "torch_transformer_script": (Transformer, (3, 16, 16), {"dynamo": False, "opset_version": 17, "dynamic_shapes": None,
                                                            "dynamic_axes": {"x": {0: "batch"}}}),
    "torch_upsampling": (Upsampling, (3, 12, 12), {}),
}


def arrays(network, x):
    """PyTorch's outputs, and the raw maps of Gradients and Grad-CAM for each image's two highest logits."""
    out = {"in0": x.numpy(), "out0": network(x).detach().numpy()}
    logits = network.logits(x)
    units = logits.topk(2).indices
    out |= {"logits": logits.detach().numpy(), "units": units.numpy()}
    gradients, cams = [], []
    for k in range(2):
        free = x.clone().requires_grad_()
        score = network.logits(free).gather(1, units[:, k:k + 1]).sum()
        gradients.append(torch.autograd.grad(score, free)[0].abs().mean(1))
        if network.activation is not None:
            kept = []
            inner = type(network).activation
            network.activation = lambda v: kept.append(inner(network, v)) or kept[-1]
            score = network.logits(x).gather(1, units[:, k:k + 1]).sum()
            del network.activation
            weights = torch.autograd.grad(score, kept[0])[0].mean((2, 3), keepdim=True)
            cams.append((weights * kept[0]).sum(1).detach())
    out["gradients"] = torch.stack(gradients, -1).numpy()
    if cams:
        out["gradcam"] = torch.stack(cams, -1).numpy()
    return out


def make(name, folder):
    build, shape, options = CASES[name]
    torch.manual_seed(5)
    network = build()
    with torch.no_grad():  # batch statistics as after training
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 1.5)
    network.eval()
    x = torch.rand((2, *shape))
    options = {"dynamic_shapes": ({0: torch.export.Dim("batch")},), "external_data": False, **options}
    free = options["dynamic_shapes"] is not None or "dynamic_axes" in options
    example = torch.rand((3 if free else 1, *shape))
    if options.get("dynamo") is False:
        options = {k: v for k, v in options.items() if k not in ("dynamic_shapes", "external_data")}
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch)
        torch.onnx.export(network, (example,), path / "model.onnx", input_names=["x"], verbose=False, **options)
        for key, array in arrays(network, x).items():
            np.save(path / f"{key}.npy", np.ascontiguousarray(array))
        pack(path, folder / f"{name}.zip")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="make just the cases whose name contains this text")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    for name in CASES:
        if arguments.only in name:
            make(name, arguments.out)


if __name__ == "__main__":
    main()
