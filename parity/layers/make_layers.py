"""Makes core/src/test/resources/golden/layers: for every layer of Keras tiny models with inputs, outputs and gradients.

Needs the packages of requirements-keras2.txt or requirements-keras3.txt; run it once in each environment:
    python parity/layers/make_layers.py [--only TEXT] [--out FOLDER]
The installed Keras decides which cases are made. Running it twice gives the same arrays.
"""

import argparse
import importlib
import json
import logging
import os
import pathlib
import sys
import traceback

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import absl.logging

absl.logging.set_verbosity("error")
logging.getLogger("tensorflow").setLevel("ERROR")

import golden

FAMILIES = ("core", "convolution", "pooling", "normalization", "merging", "reshaping", "models", "preprocessing", "attention",
            "recurrent", "ops", "oplambda", "applications")
OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/layers"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="make just the cases whose name contains this text")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    golden.tf.config.experimental.enable_op_determinism()
    for family in FAMILIES:
        importlib.import_module(f"cases_{family}")
    index = read_index(arguments.out)
    failed = 0
    for name, row in golden.TABLE.items():
        if arguments.only in name:
            try:
                index[name] = golden.write(row, arguments.out / f"{name}.zip")
            except Exception:
                failed += 1
                print(f"FAILED {name}", file=sys.stderr)
                traceback.print_exc()
    write_index(arguments.out, index)
    if failed:
        sys.exit(f"{failed} of {len(golden.TABLE)} cases failed.")


def read_index(out):
    """The cases listed so far, without those of this Keras that no row makes any more, whose archives go."""
    path = out / "index.json"
    index = {about.pop("case"): about for about in json.loads(path.read_text())} if path.exists() else {}
    suffix = "-keras3" if golden.KERAS3 else "-keras2"
    for archive in out.glob(f"*{suffix}.zip"):
        if archive.stem not in golden.TABLE:
            archive.unlink()
    return {name: about for name, about in index.items() if (out / f"{name}.zip").exists()}


def write_index(out, index):
    lines = ",\n".join("  " + json.dumps({"case": name, **index[name]}) for name in sorted(index))
    (out / "index.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
