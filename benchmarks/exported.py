#!/usr/bin/env python3
"""Measures an exported Grad-CAM: in Python's ONNX Runtime, beside a traced tape of TensorFlow and beside Keralens' own process.

    python benchmarks/exported.py CLASSPATH WORK_FOLDER [--network ResNet50V2] [--size 224] [--batch 8] [--rounds 7]

CLASSPATH is that of Keralens' command line, such as the runnable jar in app/target. All run on two threads, in turns in processes that stay, after a warm-up; a figure is the median of the rounds' ratios. Needs
parity/requirements-keras3.txt and onnxruntime. The weights are those before training.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

THREADS = 2
OURS = """
import dev.keralens.*;
import dev.keralens.method.GradCam;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.*;
import java.io.*;
import java.nio.file.Path;

class Own {
  public static void main(String[] a) throws Exception {
    Tensor x = Npy.read(Path.of(a[1]));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    try (Model model = Model.load(Path.of(a[0]));
        Explainer explainer =
            Explainer.of(
                model,
                ExplainOptions.defaults()
                    .withRuntime(RuntimeOptions.defaults().withThreads(Integer.parseInt(a[2])))
                    .withBatchSize(x.size(0)),
                GradCam.create())) {
      while (in.readLine() != null) {
        long start = System.nanoTime();
        explainer.explain(x, Units.top(1));
        System.out.println("took " + (System.nanoTime() - start) / 1e9);
      }
    }
  }
}
"""


class Own:
    """Keralens in a process that stays."""

    def __init__(self, classpath, model, x, folder):
        source = folder / "Own.java"
        source.write_text(OURS)
        self.process = subprocess.Popen(
            ["java", "-Xmx2g", "-cp", classpath, str(source), str(model), str(x), str(THREADS)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def __call__(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("took "):
                return float(line.split()[1])
        raise SystemExit("Keralens ended.")


def timed(work):
    def run():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def tape(model, x):
    """Grad-CAM of the highest class, as a traced function."""
    import keras
    import tensorflow as tf

    layer = next(layer for layer in reversed(model.layers) if layer.output.shape.__len__() == 4)
    logits = model.layers[-1]
    logits.activation = keras.activations.linear
    both = keras.Model(model.input, [layer.output, logits(model.layers[-2].output)])

    @tf.function
    def explain(x):
        with tf.GradientTape() as tape:
            maps, scores = both(x, training=False)
            top = tf.reduce_max(scores, axis=-1)
        weights = tf.reduce_mean(tape.gradient(top, maps), axis=(1, 2), keepdims=True)
        cam = tf.reduce_sum(maps * weights, axis=-1, keepdims=True)
        return tf.image.resize(cam, x.shape[1:3])

    given = tf.constant(x)
    return lambda: explain(given).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("classpath")
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--network", default="ResNet50V2")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    import keras
    import onnxruntime
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    keras.utils.set_random_seed(1)
    network = getattr(keras.applications, options.network)(weights=None, input_shape=(options.size, options.size, 3))
    file, why = options.work / f"{options.network}.keras", options.work / f"{options.network}-gradcam.onnx"
    network.save(file)
    x = np.random.default_rng(1).uniform(-1, 1, (options.batch, options.size, options.size, 3)).astype(np.float32)
    np.save(options.work / "x.npy", x)
    subprocess.run(["java", "-cp", options.classpath, "dev.keralens.app.Main", "export", "-m", str(file), "--method", "gradcam", "--filter", "none", "--units", "top",
                    "--force", "-o", str(why)], check=True)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(str(why), settings, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    outputs = [output.name for output in session.get_outputs()]
    by_tape = tape(network, x)
    expected, found = by_tape(), session.run(["saliency_map"], {name: x})[0]
    worst = np.abs(expected - found).max() / np.abs(expected).max()
    assert worst < 1e-3, f"The maps differ by {worst:.1e} of the largest value."
    own = Own(options.classpath, file, options.work / "x.npy", options.work)
    sides = {"exported": timed(lambda: session.run(outputs, {name: x})), "tape": timed(by_tape), "own": own}
    times = {side: [] for side in sides}
    for round_ in range(options.rounds + 2):
        for side, run in sides.items():
            time.sleep(0.05)
            took = run()
            if round_ >= 2:
                times[side].append(took)
    own.process.stdin.close()
    own.process.wait(60)
    median = {side: statistics.median(all_) for side, all_ in times.items()}
    print(f"Grad-CAM of {options.network}, {options.size} x {options.size}, batch {options.batch}, {THREADS} threads; maps equal to {worst:.1e}")
    print("| exported, in Python | traced tape | ratio (bar 0.9) | own process | ratio (bar 1.15) |\n| --- | --- | --- | --- | --- |")
    ratios = [statistics.median(e / o for e, o in zip(times["exported"], times[other])) for other in ("tape", "own")]
    print(f"| {median['exported']:.3f} s | {median['tape']:.3f} s | {ratios[0]:.2f} | {median['own']:.3f} s | {ratios[1]:.2f} |")


if __name__ == "__main__":
    sys.exit(main())
