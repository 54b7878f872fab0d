"""Runs files of explainers in Python's ONNX Runtime, and compares their maps with those that Keralens computed.

    python parity/export/check_matrix.py FOLDER

FOLDER has a folder for each model, as ExportMatrixTest writes it: why.onnx, x.npy, output.npy, and mapNN.npy for each map
in the order of the file's outputs. Each file passes ONNX' full check and strict shape inference. Maps are equal within
1e-5 of their largest value. At kinks of a network an error of rounding turns a gradient on or off: kinks.npy says how
much each map changes where Keralens itself computes the network in another order. Maps off by up to 1e-4, or by four
times that, are counted. Needs numpy, onnx, onnxruntime.
"""

import os
import sys

import numpy as np
import onnx
import onnxruntime


def difference(expected, actual):
    if expected.shape != actual.shape:
        return float("inf")
    largest = np.abs(expected).max(initial=0)
    return float(np.abs(expected.astype(np.float64) - actual).max(initial=0) / (largest or 1))


def check(folder):
    path = os.path.join(folder, "why.onnx")
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 20)], model.opset_import
    assert model.ir_version == 9
    onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    outputs = [output.name for output in session.get_outputs()]
    results = dict(zip(outputs, session.run(None, {session.get_inputs()[0].name: np.load(os.path.join(folder, "x.npy"))})))
    maps = [name for name in outputs if name.startswith("saliency_map")]
    kinks = [0.0, *np.load(os.path.join(folder, "kinks.npy"))]
    found = {outputs[0]: difference(np.load(os.path.join(folder, "output.npy")), results[outputs[0]])}
    for i, name in enumerate(maps):
        found[name] = difference(np.load(os.path.join(folder, f"map{i:02d}.npy")), results[name])
    assert not os.path.exists(os.path.join(folder, f"map{len(maps):02d}.npy")), "a map is missing"
    return found, dict(zip(found, kinks))


def main(folder):
    print(f"Python {sys.version.split()[0]}, onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
    bad = total = near = 0
    for name in sorted(os.listdir(folder)):
        found, allowed = check(os.path.join(folder, name))
        close = [output for output, by in found.items() if by <= 1e-5]
        kinks = [output for output, by in found.items() if 1e-5 < by <= max(1e-4, 4 * allowed[output])]
        wrong = [output for output, by in found.items() if not by <= max(1e-4, 4 * allowed[output])]
        total, near, bad = total + len(found), near + len(kinks), bad + len(wrong)
        print(f"{name:16} {len(close):3} equal to 1e-5, largest {max(found.values()):.1e}", *(f"{k} {found[k]:.1e} (kinks {allowed[k]:.1e})" for k in kinks), *(f"WRONG {w} {found[w]:.1e}" for w in wrong))
    print(f"{total} outputs, {near} of them at kinks, {bad} wrong")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
