"""Compares three ways from Keras to ONNX on the golden models of the layer table.

    python parity/export/convert_table.py GOLDEN OURS [--every N] [--minutes M] [--table FILE]

GOLDEN is core/src/test/resources/golden/layers, OURS what ExportAll.java wrote of it. Each file of ours is run in
ONNX Runtime and compared with Keras' output in the archive. Of every N-th model, Keras' own model.export(format="onnx")
and tf2onnx are run as well, on what the installed Keras 3 reads: models that Keras 3 wrote, and
apart from them those that Keras 2 wrote. Without --every, none is. A model counts as converted if the file runs and
gives Keras' output within 1e-5 of its largest value (1e-3 is shown apart).
Needs parity/requirements-keras3.txt, onnx, onnxruntime and tf2onnx==1.17.0.
"""

import argparse
import io
import json
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import time
import zipfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import onnxruntime


def arrays(archive, prefix):
    """in.npy, or in0.npy, in1.npy .. of several."""
    names = [name for name in archive.namelist() if re.fullmatch(prefix + r"\d*\.npy", name)]
    names.sort(key=lambda name: int("0" + re.sub(r"\D", "", name)))
    return [np.load(io.BytesIO(archive.read(name))) for name in names]


def run(path, inputs, expected):
    """The error relative to the largest value, and the milliseconds of a run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    kinds = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64,
             "tensor(uint8)": np.uint8, "tensor(bool)": np.bool_, "tensor(double)": np.float64,
             "tensor(float16)": np.float16}
    taken = session.get_inputs()
    if len(taken) != len(inputs):
        raise ValueError(f"takes {len(taken)} inputs, not {len(inputs)}")
    feeds = {spec.name: value.astype(kinds[spec.type]) for spec, value in zip(taken, inputs)}
    outputs = session.run(None, feeds)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        session.run(None, feeds)
        times.append((time.perf_counter() - start) * 1e3)
    error = 0.0
    for want, got in zip(expected, outputs):
        if want.size != got.size:
            raise ValueError(f"gives {got.shape}, not {want.shape}")
        if want.size == 0:
            continue
        difference = np.abs(got.reshape(want.shape).astype(np.float64) - want)
        same = (got.reshape(want.shape) == want) | (np.isnan(want) & np.isnan(got.reshape(want.shape)))
        difference = np.where(same, 0, difference)
        error = max(error, difference.max() / (np.abs(want[np.isfinite(want)]).max(initial=0) or 1))
    return error, min(times)


def keras_file(archive, folder):
    names = sorted((name for name in archive.namelist() if name.endswith((".keras", ".h5"))), key=lambda name: name.endswith(".h5"))
    return archive.extract(names[0], folder) if names else None


def by_keras(file, inputs, target):
    import keras

    model = keras.models.load_model(file, safe_mode=False)
    model(list(inputs) if len(inputs) > 1 else inputs[0])  # it exports only what was called
    model.export(target, format="onnx", verbose=False)


def by_tf2onnx(file, inputs, target):
    import keras
    import tensorflow as tf
    import tf2onnx

    model = keras.models.load_model(file, safe_mode=False)
    signature = [tf.TensorSpec(x.shape, x.dtype, name=f"x{i}") for i, x in enumerate(model.inputs)]
    function = tf.function(lambda *xs: model(list(xs) if len(xs) > 1 else xs[0], training=False), signature)
    tf2onnx.convert.from_function(function, signature, opset=18, output_path=target)


CONVERTERS = {"Keras 3": by_keras, "tf2onnx": by_tf2onnx}


def serve(pipe):
    """Converts and runs what is asked for, one after another."""
    import keras

    while True:
        name, file, inputs, expected, target = pipe.recv()
        try:
            CONVERTERS[name](file, inputs, target)
            pipe.send((target, *run(target, inputs, expected)))
        except Exception as e:  # whatever a converter raises is a failure of it
            pipe.send(failure(e))
        keras.backend.clear_session()


def failure(e):
    return f"{type(e).__name__}: {str(e).strip().splitlines()[0][:120] if str(e).strip() else ''}"


class Server:
    """A process for the converters: some models end it."""

    def __init__(self):
        self.process = None

    def ask(self, *question):
        if self.process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, other = context.Pipe()
            self.process = context.Process(target=serve, args=(other,), daemon=True)
            self.process.start()
            other.close()
        try:
            self.pipe.send(question)
            if not self.pipe.poll(300):
                raise EOFError
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self.process.kill()
            self.process.join()
            code, self.process = self.process.exitcode, None
            raise RuntimeError(f"the process ended, or took five minutes ({code})") from None
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer


class Tally:
    def __init__(self, name):
        self.name, self.tried, self.close, self.near = name, 0, 0, 0
        self.errors, self.sizes, self.times = [], {}, {}
        self.failures = []

    def add(self, case, work):
        self.tried += 1
        try:
            path, error, took = work()
        except Exception as e:
            self.failures.append((case, str(e) if type(e) is RuntimeError else failure(e)))
            return
        self.errors.append(error)
        self.close += error <= 1e-5
        self.near += 1e-5 < error <= 1e-3
        if error > 1e-5:
            self.failures.append((case, f"off by {error:.1e}"))
        self.sizes[case] = os.path.getsize(path)
        self.times[case] = took

    def row(self, shared):
        size = sum(self.sizes[case] for case in shared) / max(1, len(shared)) / 1024
        took = statistics.median(self.times[case] for case in shared) if shared else float("nan")
        refused = self.tried - len(self.errors)
        wrong = len(self.errors) - self.close - self.near
        return (f"| {self.name} | {self.tried} | {self.close} | {self.near} | {wrong} | {refused} | "
                f"{size:.1f} kB | {took:.3f} ms |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("golden")
    parser.add_argument("ours")
    parser.add_argument("--every", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop the converters after so long")
    parser.add_argument("--table", default="")
    given = parser.parse_args()
    every = Tally("Keralens, all")
    groups = {kind: [Tally(name + ", files of Keras " + kind) for name in ("Keralens", "Keras 3", "tf2onnx")] for kind in ("3", "2")}
    compared, server = 0, Server()
    end = time.time() + 60 * given.minutes
    for case in sorted(name[:-4] for name in os.listdir(given.golden) if name.endswith(".zip")):
        with zipfile.ZipFile(os.path.join(given.golden, case + ".zip")) as archive, tempfile.TemporaryDirectory() as folder:
            inputs, expected = arrays(archive, "in"), arrays(archive, "out")
            exported = os.path.join(given.ours, case + ".onnx")
            mine = lambda: (exported, *run(exported, inputs, expected))
            every.add(case, mine)
            if not given.every or time.time() > end:
                continue
            compared += 1
            if compared % given.every:
                continue
            file = keras_file(archive, folder)
            if file is None:
                continue
            ours, keras, tf2onnx = groups["3" if case.endswith("-keras3") else "2"]
            ours.add(case, mine)
            for tally, name in ((keras, "Keras 3"), (tf2onnx, "tf2onnx")):
                target = os.path.join(folder, name.replace(" ", "") + ".onnx")
                tally.add(case, lambda name=name, target=target: server.ask(name, file, inputs, expected, target))
            print(case, keras.tried, keras.close, tf2onnx.close, file=sys.stderr, flush=True)
    lines = ["| | models | equal to 1e-5 | to 1e-3 | further off | refused, or does not run | size, of those all convert | run, of those |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    lines += [every.row(sorted(every.sizes))]
    for tallies in groups.values():
        shared = sorted(set.intersection(*(set(tally.sizes) for tally in tallies)))
        lines += [tally.row(shared) for tally in tallies if tally.tried]
    print("\n".join(lines))
    tallies = [every, *(tally for group in groups.values() for tally in group[1:])]
    for tally in tallies:
        for case, why in tally.failures:
            print(f"{tally.name}: {case}: {why}")
    if given.table:
        with open(given.table, "w") as out:
            json.dump({t.name: vars(t) for t in tallies}, out, indent=1, default=float)


if __name__ == "__main__":
    main()
