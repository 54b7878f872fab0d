"""Checks exported files with the checker of ONNX and Python's ONNX Runtime.

    python parity/export/check_export.py KERALENS MODEL X.npy [METHOD,..] [OPSET,..]

KERALENS is the command, such as ./keralens; X holds a batch for the model. The model is exported alone and with the
maps of each method, once with the units given and once with the highest; predictions and maps are those of the
command within 1e-5 of the largest value. Needs numpy, onnx and onnxruntime (parity/requirements-onnx.txt).
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime


def keralens(command, *arguments):
    done = subprocess.run([command, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")


def run(path, feeds):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    assert all(entry.domain == "" for entry in model.opset_import), model.opset_import
    assert all(node.domain == "" for node in model.graph.node)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds(session.get_inputs()))))


def compare(what, expected, actual):
    assert expected.shape == actual.shape, (what, expected.shape, actual.shape)
    largest = np.abs(expected).max()
    error = np.abs(expected - actual).max() / (largest or 1)
    print(f"{what:50} {error:.1e}", flush=True)
    return error <= 1e-5


def main(command, model, x_path, methods="gradcam,gradients", opsets="20"):
    x = np.load(x_path)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "out.onnx")
        array = os.path.join(folder, "out.npy")
        units = np.tile(np.arange(2, dtype=np.int64)[::-1], (len(x), 1))
        units_file = os.path.join(folder, "units.npy")
        np.save(units_file, units)
        keralens(command, "predict", x_path, "--model", model, "-o", array)
        prediction = np.load(array)
        for opset in opsets.split(","):
            keralens(command, "export", "--model", model, "-o", file, "--opset", opset)
            outputs = run(file, lambda inputs: {inputs[0].name: x})
            good &= compare(f"opset {opset} output", prediction, list(outputs.values())[0])
            for method in methods.split(","):
                size = ["--resize", "none" if int(opset) < 18 else "input"]
                export = ["export", "--model", model, "--method", method, "--opset", opset, "-o", file, *size]
                explain = ["explain", x_path, "--model", model, "--method", method, "-o", array, *size]
                keralens(command, *export, "--top", "2")
                keralens(command, *explain, "--units-from", units_file)
                outputs = run(file, lambda inputs: {inputs[0].name: x, inputs[1].name: units})
                good &= compare(f"opset {opset} {method}, given", np.load(array), outputs["saliency_map"])
                keralens(command, *export, "--top", "2", "--units", "top")
                keralens(command, *explain, "--top", "2")
                outputs = run(file, lambda inputs: {inputs[0].name: x})
                good &= compare(f"opset {opset} {method}, highest", np.load(array), outputs["saliency_map"])
                good &= compare("  and the output", prediction, list(outputs.values())[0])
    sys.exit(0 if good else "Some differ by more than 1e-5.")


if __name__ == "__main__":
    main(*sys.argv[1:])
