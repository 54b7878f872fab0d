"""Makes vit.onnx and its maps in core/src/test/resources/golden/methods: a small vision transformer of PyTorch, and what
attention rollout, gradient times attention, LeGrad and ViT-ReciproCAM come to, computed from its own weights.

Python 3.11, parity/requirements-torch.txt.
"""
import pathlib

import numpy as np
import torch

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/methods"
UNITS = 3


class Block(torch.nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = torch.nn.LayerNorm(width)
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.out = torch.nn.Linear(width, width)
        self.norm2 = torch.nn.LayerNorm(width)
        self.mlp = torch.nn.Sequential(torch.nn.Linear(width, 2 * width), torch.nn.GELU(), torch.nn.Linear(2 * width, width))

    def forward(self, x, kept=None, left=None):
        b, t, c = x.shape
        read = self.norm1(x)
        if left is not None:
            read = read * left
        q, k, v = self.qkv(read).reshape(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-2, -1) * (c // self.heads) ** -0.5, -1)
        if kept is not None:
            weights.retain_grad()
            kept.append(weights)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(b, t, c))
        return x + self.mlp(self.norm2(x))


class Vit(torch.nn.Module):
    def __init__(self, width=16, heads=4):
        super().__init__()
        self.patches = torch.nn.Conv2d(3, width, 4, stride=4)
        self.token = torch.nn.Parameter(torch.randn(1, 1, width))
        self.places = torch.nn.Parameter(torch.randn(1, 13, width))
        self.blocks = torch.nn.ModuleList([Block(width, heads) for _ in range(3)])
        self.norm = torch.nn.LayerNorm(width)
        self.head = torch.nn.Linear(width, UNITS)

    def forward(self, x, kept=None, depth=None, left=None):
        """Of depth, what the head makes of the tokens behind so many blocks; left is what the last block reads."""
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        for i, block in enumerate(self.blocks[:depth]):
            x = block(x, kept, left if i == len(self.blocks) - 1 else None)
        return self.head(self.norm(x)[:, 0])


def save(name, maps):
    np.save(OUT / f"{name}.npy", np.ascontiguousarray(maps, dtype=np.float32))


def main():
    torch.manual_seed(11)
    net = Vit().eval()
    with torch.no_grad():
        for block in net.blocks:
            block.qkv.weight.mul_(3)
    x = torch.randn(2, 3, 12, 16)
    save("vit_x", x.numpy())
    torch.onnx.export(
        net, (x,), str(OUT / "vit.onnx"), dynamo=False, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17,
    )
    one = torch.eye(13)
    rollouts, attributions = [], []
    for unit in range(UNITS):
        kept = []
        net.zero_grad()
        net(x, kept)[:, unit].sum().backward()
        rolled = relevance = one.expand(2, 13, 13)
        for weights in kept:
            mixed = weights.detach().mean(1) + one
            rolled = (mixed / mixed.sum(-1, keepdim=True)) @ rolled
            positive = (weights.grad * weights.detach()).clamp(min=0).mean(1)
            relevance = relevance + positive @ relevance
        rollouts.append(rolled[:, 0, 1:].reshape(2, 3, 4).numpy())
        attributions.append(relevance[:, 0, 1:].reshape(2, 3, 4).numpy())
    legrad = np.zeros((2, 3, 4, UNITS), np.float32)
    for unit in range(UNITS):
        for depth in range(1, 4):
            kept = []
            y = net(x, kept, depth)[:, unit].sum()
            gradient = torch.autograd.grad(y, kept[-1])[0]
            legrad[..., unit] += gradient.clamp(min=0).mean((1, 2))[:, 1:].reshape(2, 3, 4).numpy() / 3
    save("legrad", legrad)
    reciprocam = np.zeros((2, 12, UNITS), np.float32)
    with torch.no_grad():
        for token in range(12):
            left = torch.zeros(1, 13, 1)
            left[:, [0, token + 1]] = 1
            reciprocam[:, token] = net(x, left=left).numpy()
    save("vit_reciprocam", reciprocam.reshape(2, 3, 4, UNITS))
    save("attention_rollout", np.stack(rollouts, -1))
    save("transformer_attribution", np.stack(attributions, -1))


main()
