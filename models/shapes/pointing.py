#!/usr/bin/env python3
"""Plays the pointing game with the program's own maps and prints the table of README.md.

Needs: numpy 2.4, pillow 13, and the program built (it is run as ../../keralens).

The program explains the held-out scenes of heldout.json, every kind that a scene shows, by each method in turn, and writes
the maps to a temporary folder; this script finds their maxima and looks them up in the masks. `evaluate.py` computes the rows of
Grad-CAM and Gradients again with TensorFlow.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

import scenes

HERE = Path(__file__).resolve().parent
PROGRAM = HERE.parent.parent / "keralens"

# Row of the table, and what the program is told.
METHODS = {
    "Grad-CAM": ["--method", "gradcam"],
    "Grad-CAM++": ["--method", "gradcampp"],
    "Grad-CAM++, exact": ["--method", "gradcampp:exact"],
    "CAM": ["--method", "cam"],
    "Score-CAM": ["--method", "scorecam"],
    "Score-CAM, of the paper": ["--method", "scorecam:paper"],
    "Full-Gradient": ["--method", "full_gradients"],
    "Gradients": ["--method", "gradients"],
    "SmoothGrad, 20": ["--method", "gradients", "--smooth", "20"],
    "Grad-CAM, test-time augmentation": ["--method", "gradcam", "--tta"],
    "Grad-CAM, elementwise": ["--method", "gradcam:elementwise"],
    "HiResCAM": ["--method", "hirescam"],
    "LayerCAM": ["--method", "layercam"],
    "XGrad-CAM": ["--method", "xgradcam"],
    "ShapleyCAM": ["--method", "shapleycam"],
    "Finer-CAM": ["--method", "finercam"],
    "Ablation-CAM": ["--method", "ablationcam"],
    "Recipro-CAM": ["--method", "reciprocam"],
    "Eigen-CAM": ["--method", "eigencam"],
    "Eigen-Grad-CAM": ["--method", "eigengradcam"],
    "KPCA-CAM": ["--method", "kpcacam"],
    "FEM": ["--method", "fem"],
    "Input x Gradient": ["--method", "input_x_gradient"],
    "Guided Backprop": ["--method", "guided_backprop"],
    "Deconvnet": ["--method", "deconvnet"],
    "Guided Grad-CAM": ["--method", "guided_gradcam"],
    "Integrated Gradients": ["--method", "integrated_gradients"],
    "Expected Gradients": ["--method", "expected_gradients"],
    "Guided IG": ["--method", "guided_ig"],
    "Blur IG": ["--method", "blur_ig"],
    "XRAI": ["--method", "xrai"],
    "DeepLIFT": ["--method", "deeplift"],
    "Occlusion": ["--method", "occlusion", "--baseline", "mean"],
    "RISE, 1,000": ["--method", "rise", "--samples", "1000", "--baseline", "mean"],
    "LIME": ["--method", "lime", "--baseline", "mean"],
    "Kernel SHAP": ["--method", "kernelshap", "--baseline", "mean"],
}


def units_of(labels):
    """The kinds that each scene shows, (scene, most), the first one repeated where a scene shows fewer."""
    most = labels.sum(axis=1).max()
    rows = [np.flatnonzero(row) for row in labels]
    return np.stack([np.concatenate([row, np.full(most - len(row), row[0])]) for row in rows]).astype(np.int64)


def hits(maps, units, labels, masks):
    """How many maxima (the first in reading order) lie in the mask, over each scene's kinds once."""
    hit = 0
    for scene, shown in enumerate(labels.sum(axis=1)):
        for place in range(shown):
            values = maps[scene, :, :, place]
            y, x = np.unravel_index(np.argmax(values), values.shape)
            # A constant map points nowhere.
            hit += bool(masks[scene, y, x, units[scene, place]] and values.max() > values.min())
    return hit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=scenes.HELD_OUT_COUNT, help="how many of the held-out scenes (all)")
    parser.add_argument("--rows", nargs="+", choices=METHODS, default=list(METHODS), help="rows of the table (all)")
    parser.add_argument("--program", default=PROGRAM, help="the program (../../keralens)")
    arguments = parser.parse_args()
    drawn = scenes.held_out_scenes()[: arguments.scenes]
    pictures, labels, masks = (np.stack(a) for a in zip(*((s.picture, s.labels(), s.class_masks()) for s in drawn)))
    labels = labels.astype(int)
    units = units_of(labels)
    pairs = labels.sum()
    centre = sum(masks[i, 48, 48, k] for i in range(len(drawn)) for k in np.flatnonzero(labels[i])) / pairs
    random = sum(masks[i, :, :, k].mean() for i in range(len(drawn)) for k in np.flatnonzero(labels[i])) / pairs
    print(f"Pointing game over {len(drawn)} held-out scenes, {pairs} pairs of scene and kind\n\n| method | hits | seconds |\n| --- | --- | --- |")
    print(f"| the picture's centre, pixel (48, 48) | {centre:.3f} | |\n| a random point, expected | {random:.3f} | |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        x, y, out = (str(Path(folder, name)) for name in ("x.npy", "y.npy", "maps.npy"))
        np.save(x, pictures.astype(np.float32))
        np.save(y, units)
        for name in arguments.rows:
            began = time.monotonic()
            command = [arguments.program, "explain", x, "--model", HERE / "shapes.keras", "--units-from", y, "--batch-size", "20", "-o", out]
            subprocess.run([*command, *METHODS[name]], check=True, stdout=subprocess.DEVNULL)
            seconds = time.monotonic() - began
            print(f"| {name} | {hits(np.load(out), units, labels, masks) / pairs:.3f} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
