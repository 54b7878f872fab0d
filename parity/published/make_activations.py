"""Writes which layer of each network of keras.applications ends its features: what a person explains.

Needs the packages of requirements-keras3.txt:
    python parity/published/make_activations.py [FILE]

FILE is a text, by default core/src/test/resources/golden/published/activations.txt, a line a network:

    line = network "|" layer with the top "|" layer without the top newline

With the top it is the layer whose output the last GlobalAveragePooling2D or Flatten over a map reads,
without it the layer that gives the model's output. Nothing is downloaded.
"""

import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras

from make_layers import NAMES

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/published/activations.txt"


def with_top(model):
    """The layer before the last pooling of a map that all later layers come from."""
    found = None
    for operation in model.operations:
        if type(operation).__name__ in ("GlobalAveragePooling2D", "Flatten"):
            tensor = operation.input
            if len(tensor.shape) == 4 and tensor.shape[1] > 1:
                found = tensor._keras_history.operation.name
    return found


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    lines = []
    for name in NAMES:
        make = getattr(keras.applications, name)
        keras.backend.clear_session()
        shape = (128, 128, 3)
        top = with_top(make(weights=None, input_shape=shape))
        keras.backend.clear_session()
        model = make(weights=None, include_top=False, input_shape=shape)
        bare = model.outputs[0]._keras_history.operation.name
        lines.append(f"{name}|{top}|{bare}")
        print(lines[-1], flush=True)
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
