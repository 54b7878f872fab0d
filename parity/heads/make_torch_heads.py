"""Makes the archives torch_*.zip of core/src/test/resources/golden/heads: one small network with the ends that PyTorch models have.

Needs the packages of requirements-torch.txt, onnx and onnxruntime:
    python parity/heads/make_torch_heads.py [--only TEXT] [--out FOLDER]
Each is exported in both ways that PyTorch has. The gradients are those of autograd, of each unit of the logits, arranged as the
output is, summed over places: the mean over the channels of the input.
"""

import argparse
import pathlib
import tempfile

import numpy as np
import torch
from torch import nn

from pack import OUT, pack

HEADS = {}


def head(units, convolution=False, places=False):
    """A function from z, (batch, units) or (batch, units, height, width), to the output and to the logits, the units last.

    The logits are arranged as the output is, their batch first.
    """

    def register(function):
        HEADS["torch_" + function.__name__] = (function, units, convolution, places)
        return function

    return register


@head(3, True)
def softmax_flatten(z):
    return torch.softmax(z, 1).flatten(1), z.flatten(1)


@head(3, True)
def softmax_squeezed_twice(z):
    return torch.softmax(z, 1).squeeze(-1).squeeze(-1), z.flatten(1)


@head(3, True)
def sigmoid_view(z):
    return torch.sigmoid(z).view(z.shape[0], -1), z.flatten(1)


@head(6)
def softmax_of_groups(z):
    return torch.softmax(z.view(-1, 2, 3), 2).flatten(1), z


@head(6)
def softmax_of_groups_swapped(z):
    return torch.softmax(z.view(-1, 2, 3), 1).transpose(1, 2).flatten(1), z.view(-1, 2, 3).transpose(1, 2).flatten(1)


@head(3)
def softmax_written_out(z):
    e = torch.exp(z)
    return e / e.sum(1, keepdim=True), z


@head(3)
def softmax_written_out_less_maximum(z):
    e = torch.exp(z - z.max(1, keepdim=True).values)
    return e / (e.sum(1, keepdim=True) + 1e-9), z


@head(3)
def softmax_written_out_without_keepdim(z):
    e = torch.exp(z - z.amax(1, keepdim=True))
    return e * e.sum(1).unsqueeze(1).reciprocal(), z


@head(3)
def exp_of_log_softmax(z):
    return torch.exp(torch.log_softmax(z, 1)), z


@head(3)
def log_of_clamped(z):
    return torch.log(torch.clamp(torch.softmax(z, 1), min=1e-8)), z


@head(3)
def less_logsumexp(z):
    return z - torch.logsumexp(z, 1, keepdim=True), z


@head(3)
def softmax_percent(z):
    return 100 * torch.softmax(z, 1), z


@head(1)
def complement_joined(z):
    p = torch.sigmoid(z)
    return torch.cat([1 - p, p], 1), torch.cat([-z, z], 1)


@head(1)
def complement_stacked(z):
    p = torch.sigmoid(z).squeeze(1)
    return torch.stack([p, 1.0 - p], 1), torch.cat([z, -z], 1)


@head(3)
def sigmoid_written_out(z):
    return (1 + torch.exp(-z)).reciprocal(), z


@head(3)
def sigmoid_of_minus(z):
    return torch.exp(z) / (torch.exp(z) + 1), z


@head(3)
def sigmoid_by_tanh(z):
    return (torch.tanh(0.5 * z) + 1) / 2, z


@head(3)
def hardsigmoid(z):
    return nn.functional.hardsigmoid(z).unsqueeze(1), z


@head(3)
def logsigmoid(z):
    return nn.functional.logsigmoid(z), z


@head(1)
def sigmoid_squeezed(z):
    return torch.sigmoid(z).squeeze(1), z


@head(1)
def sigmoid_view_of_one_axis(z):
    return torch.sigmoid(z).view(-1), z


@head(1)
def sigmoid_summed(z):
    return torch.sigmoid(z).sum(1), z


@head(2)
def second_of_softmax(z):
    return torch.softmax(z, 1)[:, 1], z[:, 1:]


@head(1)
def score_of_one_axis(z):
    return z[:, 0], z


@head(5)
def parts_joined(z):
    return torch.cat([z[:, :2].softmax(1), z[:, 2:].sigmoid()], 1), z


@head(3)
def mean_of_softmaxes(z):
    """Nothing is known of the logits: the output itself is explained."""
    mean = (torch.softmax(z, 1) + torch.softmax(2 * z, 1)) / 2
    return mean, mean


@head(3, convolution=True, places=True)
def time_first(z):
    """Scores of (time, batch, unit)."""
    steps = z.mean(2).transpose(1, 2)
    return steps.permute(1, 0, 2), steps


@head(3, convolution=True, places=True)
def time_first_softmax(z):
    steps = z.mean(2).transpose(1, 2)
    return torch.softmax(steps.permute(1, 0, 2), 2), steps


class Network(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.function, units, self.convolution, self.places = HEADS[name]
        self.features = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.last = nn.Conv2d(4, units, 1) if self.convolution else nn.Linear(4, units)
        self.last.weight.data *= 3

    def both(self, x):
        features = torch.relu(self.features(x))
        return self.function(self.last(features if self.places else features.mean((2, 3), keepdim=self.convolution)))

    def forward(self, x):
        return self.both(x)[0]


def make(name, out):
    torch.manual_seed(3)
    network = Network(name).eval()
    x = torch.tensor(np.random.default_rng(5).normal(size=(2, 3, 8, 8)).astype(np.float32), requires_grad=True)
    output, z = network.both(x)
    scores = z.sum(tuple(range(1, z.dim() - 1))) if z.dim() > 2 else z
    gradients = [torch.autograd.grad(scores[:, u].sum(), x, retain_graph=True)[0].mean(1).numpy() for u in range(scores.shape[1])]
    arrays = {"x": x.detach().numpy(), "output": output.detach().numpy(), "scores": scores.detach().numpy(), "gradients": np.stack(gradients, -1)}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        for way, options in {
            "": {"dynamo": False, "dynamic_axes": {"x": {0: "batch"}, "y": {0: "batch"}}, "opset_version": 17},
            "_dynamo": {"dynamo": True, "external_data": False, "dynamic_shapes": {"x": {0: torch.export.Dim("batch")}}},
        }.items():
            torch.onnx.export(network, (x.detach(),), path, input_names=["x"], output_names=["y"], **options)
            pack(out, name + way, ("model.onnx", path.read_bytes()), arrays)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    for case in HEADS:
        if arguments.only in case:
            make(case, arguments.out)
