"""Writes small networks of PyTorch as ONNX files, as make_activations.py does for Keras.

Needs onnx, onnxruntime (requirements-onnx.txt), torch 2.15 and onnxscript 0.7 (requirements-torch.txt):
    python parity/activations/make_torch_activations.py [FOLDER]

Run it after make_activations.py: it adds its lines to names.txt. Of each network there is a file by each of PyTorch's two
exporters. The node that is named is the first of the file that computes the activation's values; maps are by autograd.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/activations"


class Excite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(nn.Conv2d(channels, 3, 1), nn.ReLU(), nn.Conv2d(3, channels, 1), nn.Sigmoid())

    def forward(self, x):
        return x * self.gate(self.pool(x))


class Features(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), Excite(6), nn.Conv2d(6, 5, 3, 1, 1), nn.ReLU())


class Classifier(nn.Module):
    """Features, a pooling and a linear layer."""

    def __init__(self, pool, channels=5):
        super().__init__()
        self.features = Features()
        self.pool = pool
        self.linear = nn.Linear(channels, 3)

    def activation(self, x):
        return self.features(x)

    def head(self, a, x):
        return self.linear(self.pool(a))


class Map(nn.Module):
    """Features of a decoder, and a head that gives a map."""

    def __init__(self, finish):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), Excite(6))
        self.up = nn.Sequential(nn.Conv2d(9, 4, 3, 1, 1), nn.ReLU())
        self.out = nn.Conv2d(4, 3, 1)
        self.finish = finish

    def activation(self, x):
        return self.up(torch.cat([F.interpolate(self.down(x), scale_factor=2.0), x], 1))

    def head(self, a, x):
        return self.finish(self.out(a))


class Boxes(nn.Module):
    """A detector of one scale: boxes and scores of one convolution, joined."""

    def __init__(self):
        super().__init__()
        self.features = Features()
        self.out = nn.Conv2d(5, 7, 1)

    def activation(self, x):
        return self.features(x)

    def head(self, a, x):
        y = self.out(a).flatten(2)
        return torch.cat([y[:, :4] * 2, torch.sigmoid(y[:, 4:])], 1)


class Vision(nn.Module):
    """A transformer of patches, its tokens pooled."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        layer = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=True, dropout=0.0)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(8)
        self.linear = nn.Linear(8, 3)

    def activation(self, x):
        return self.norm(self.blocks(self.patches(x).flatten(2).transpose(1, 2)))

    def head(self, a, x):
        return self.linear(a.mean(1))


def generalized_mean(a):
    return F.avg_pool2d(a.clamp(min=1e-6).pow(3.0), (6, 8)).pow(1 / 3).flatten(1)


NETWORKS = {
    "adaptive_flatten": lambda: Classifier(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())),
    "average_flatten": lambda: Classifier(nn.Sequential(nn.AvgPool2d(2), nn.Flatten()), 60),
    "flatten": lambda: Classifier(nn.Flatten(), 240),
    "mean_twice": lambda: Classifier(lambda a: a.mean(3).mean(2)),
    "flatten_mean": lambda: Classifier(lambda a: a.flatten(2).mean(2)),
    "flatten_maximum": lambda: Classifier(lambda a: a.flatten(2).amax(2)),
    "view_mean": lambda: Classifier(lambda a: a.view(a.shape[0], a.shape[1], -1).mean(-1)),
    "last_mean": lambda: Classifier(lambda a: a.permute(0, 2, 3, 1).mean((1, 2))),
    "tokens_mean": lambda: Classifier(lambda a: a.flatten(2).transpose(1, 2).mean(1)),
    "generalized_mean": lambda: Classifier(generalized_mean),
    "map": lambda: Map(nn.Identity()),
    "map_resized": lambda: Map(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)),
    "map_flat": lambda: Map(nn.Flatten(2)),
    "boxes": Boxes,
    "tokens": Vision,
}


class Whole(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network.head(self.network.activation(x), x)


def name_of(path, x, activation):
    """The name of the first node that computes the activation."""
    model = onnx.load(path)
    known = {value.name for value in model.graph.output}
    for node in model.graph.node:
        for output in node.output:
            if output and output not in known:
                model.graph.output.append(onnx.helper.make_empty_tensor_value_info(output))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    values = dict(zip([o.name for o in session.get_outputs()], session.run(None, {session.get_inputs()[0].name: x})))
    for node in model.graph.node:
        value = values.get(node.output[0])
        if value is not None and value.shape == activation.shape and np.allclose(value, activation, atol=1e-5):
            return node.name or node.output[0]
    raise AssertionError("no node computes the activation")


def strip(path):
    """Leaves out where in the source each node comes from."""
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    for value in model.graph.value_info:
        del value.metadata_props[:]
    del model.graph.value_info[:], model.functions[:]
    del model.metadata_props[:], model.graph.metadata_props[:]
    onnx.save(model, path)


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    lines = [line for line in (out / "names.txt").read_text().splitlines() if not line.startswith("torch_")]
    for number, (name, make) in enumerate(NETWORKS.items()):
        torch.manual_seed(number)
        network = make().eval()
        whole = Whole(network)
        x = torch.rand(2, 3, 12, 16)
        activation = network.activation(x).detach().requires_grad_()
        score = network.head(activation, x)
        target = score[..., 0] if name == "tokens" else score[:, 0]
        gradient = torch.autograd.grad(target.sum(), activation)[0]
        tokens = name == "tokens"
        places = (1,) if tokens else (2, 3)
        map_ = (gradient.mean(places, keepdim=True) * activation).sum(-1 if tokens else 1)
        for exporter in ("script", "dynamo"):
            full = f"torch_{name}_{exporter}"
            path = out / f"{full}.onnx"
            options = (
                dict(dynamo=False, dynamic_axes={"x": {0: "n"}}, opset_version=17)
                if exporter == "script"
                else dict(dynamo=True, dynamic_shapes={"x": {0: torch.export.Dim("n", min=2)}}, external_data=False)
            )
            torch.onnx.export(whole, (x,), path, input_names=["x"], verbose=False, **options)
            strip(path)
            lines.append(f"{full} {name_of(path, x.numpy(), activation.detach().numpy())}")
            np.save(out / f"{full}-x.npy", x.numpy())
            np.save(out / f"{full}-map.npy", map_.detach().numpy()[..., None])
            print(lines[-1], flush=True)
    (out / "names.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
