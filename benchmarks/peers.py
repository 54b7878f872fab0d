"""The other side of compare: one process per engine, which stays, and does and times what the lines on its standard
input say. The lines and the answers are those of the Java side (class Driver).

Needs tensorflow, tf-keras-vis, xplique; or torch, torchvision, timm, captum, grad-cam; compare installs them.

    peers.py tensorflow | torch
"""

import os
import resource
import sys
import time

THREADS = 2
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np  # noqa: E402

from networks import NETWORKS  # noqa: E402


class TensorFlow:
    """Keras' own model, its logits; tapes in a traced function, tf-keras-vis and Xplique."""

    def __init__(self):
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
        self.tf = tf

    def model(self, path):
        import keras

        self.network = os.path.basename(path).split(".")[0]
        self.model = keras.models.load_model(path, compile=False)
        self.model.layers[-1].activation = keras.activations.linear
        self.layer = NETWORKS[self.network][2]

    def given(self, x, units):
        self.x = x
        self.units = units[:, 0]

    def task(self, kind, raw):
        return getattr(self, kind.replace("-", "_"))(raw)

    def _scores(self, logits):
        return self.tf.gather(logits, self.tf.constant(self.units), axis=1, batch_dims=1)

    def predict(self, raw):
        tf = self.tf
        x = tf.constant(self.x)
        call = tf.function(lambda x: self.model(x, training=False))
        return lambda: call(x).numpy()

    def tape_gradients(self, raw):
        tf = self.tf

        def gradients(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                score = self._scores(self.model(x, training=False))
            maps = tf.reduce_mean(tf.abs(tape.gradient(score, x)), axis=-1)
            return maps if raw else self._normalize(maps)

        call = tf.function(gradients)
        x = tf.constant(self.x)
        return lambda: call(x).numpy()

    def tape_gradcam(self, raw):
        tf = self.tf
        import keras

        # The activation has to be watched before the logits are computed of it: two models in a row.
        head_input = keras.Input(self.model.get_layer(self.layer).output.shape[1:])
        head = self._head(head_input)
        body = keras.Model(self.model.inputs, self.model.get_layer(self.layer).output)

        def gradcam(x):
            activation = body(x, training=False)
            with tf.GradientTape() as tape:
                tape.watch(activation)
                score = self._scores(head(activation, training=False))
            weights = tf.reduce_mean(tape.gradient(score, activation), axis=(1, 2))
            maps = tf.einsum("bhwc,bc->bhw", activation, weights)
            if raw:
                return maps
            maps = tf.nn.relu(maps)[..., None]
            return tf.image.resize(self._normalize(maps[..., 0])[..., None], self.x.shape[1:3])[..., 0]

        call = tf.function(gradcam)
        x = tf.constant(self.x)
        return lambda: call(x).numpy()

    def _head(self, head_input):
        import keras

        names = [layer.name for layer in self.model.layers]
        value = head_input
        for layer in self.model.layers[names.index(self.layer) + 1 :]:
            value = layer(value)
        return keras.Model(head_input, value)

    def _normalize(self, maps):
        tf = self.tf
        low = tf.reduce_min(maps, axis=(1, 2), keepdims=True)
        high = tf.reduce_max(maps, axis=(1, 2), keepdims=True)
        return tf.math.divide_no_nan(maps - low, high - low)

    def _score_list(self):
        from tf_keras_vis.utils.scores import CategoricalScore

        return CategoricalScore([int(unit) for unit in self.units])

    def tfkerasvis_gradcam(self, raw):
        from tf_keras_vis.gradcam import Gradcam

        method = Gradcam(self.model, clone=False)
        score = self._score_list()
        options = dict(penultimate_layer=self.layer, seek_penultimate_conv_layer=False)
        if raw:
            options.update(expand_cam=False, normalize_cam=False, activation_modifier=lambda cam: cam)
        return lambda: np.asarray(method(score, self.x, **options))

    def tfkerasvis_gradients(self, raw):
        from tf_keras_vis.saliency import Saliency

        method = Saliency(self.model, clone=False)
        score = self._score_list()
        # Its own maps are the largest over the channels; the mean is asked for where maps are compared.
        if raw:
            options = dict(keepdims=True, normalize_map=False)
            return lambda: np.abs(np.asarray(method(score, self.x, **options))).mean(-1)
        return lambda: np.asarray(method(score, self.x))

    def tfkerasvis_scorecam(self, raw):
        from tf_keras_vis.scorecam import Scorecam

        method = Scorecam(self.model, clone=False)
        score = self._score_list()
        options = dict(penultimate_layer=self.layer, seek_penultimate_conv_layer=False, batch_size=32)
        return lambda: np.asarray(method(score, self.x, **options))

    def tfkerasvis_smooth(self, raw):
        from tf_keras_vis.saliency import Saliency

        method = Saliency(self.model, clone=False)
        score = self._score_list()
        return lambda: np.asarray(method(score, self.x, smooth_samples=20, smooth_noise=0.2))

    def _targets(self):
        targets = np.zeros((len(self.units), self.model.output.shape[-1]), np.float32)
        targets[np.arange(len(self.units)), self.units] = 1
        return targets

    def _xplique(self, method):
        targets = self._targets()
        return lambda: np.asarray(method(self.x, targets))

    def xplique_gradcam(self, raw):
        from xplique.attributions import GradCAM

        return self._xplique(GradCAM(self.model, batch_size=len(self.x), conv_layer=self.layer))

    def xplique_gradients(self, raw):
        from xplique.attributions import Saliency

        return self._xplique(Saliency(self.model, batch_size=len(self.x)))

    def xplique_smooth(self, raw):
        from xplique.attributions import SmoothGrad

        return self._xplique(SmoothGrad(self.model, batch_size=len(self.x), nb_samples=20))

    def xplique_rise(self, raw):
        from xplique.attributions import Rise

        return self._xplique(Rise(self.model, batch_size=32, nb_samples=1000))


class Torch:
    """The same architecture with random weights of PyTorch's, in channels-last layout; Captum and grad-cam."""

    def __init__(self):
        import torch

        torch.set_num_threads(THREADS)
        self.torch = torch

    def model(self, path):
        import importlib

        self.network = os.path.basename(path).split(".")[0]
        library, name, layer = NETWORKS[self.network][3]
        self.torch.manual_seed(7)
        if library == "timm":
            model = importlib.import_module("timm").create_model(name, num_classes=1000)
        else:
            model = getattr(importlib.import_module("torchvision.models"), name)(num_classes=1000)
        self.model = model.eval().to(memory_format=self.torch.channels_last)
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        for module in self.model.modules():  # Saliency and hooks need this, and forward is the same.
            if hasattr(module, "inplace"):
                module.inplace = False
        self.layer = getattr(self.model, layer)

    def given(self, x, units):
        torch = self.torch
        self.x = torch.from_numpy(x).permute(0, 3, 1, 2).to(memory_format=torch.channels_last)
        self.units = torch.from_numpy(units[:, 0])

    def task(self, kind, raw):
        return getattr(self, kind.replace("-", "_"))(raw)

    def predict(self, raw):
        def run():
            with self.torch.inference_mode():
                return self.model(self.x).numpy()

        return run

    def tape_gradients(self, raw):
        torch = self.torch

        def run():
            x = self.x.clone(memory_format=torch.preserve_format).requires_grad_()
            score = self.model(x).gather(1, self.units[:, None]).sum()
            return torch.autograd.grad(score, x)[0].abs().mean(1).numpy()

        return run

    def captum_gradcam(self, raw):
        from captum.attr import LayerAttribution, LayerGradCam

        method = LayerGradCam(self.model, self.layer)
        size = self.x.shape[2:]

        def run():
            x = self.x.clone().requires_grad_()
            maps = method.attribute(x, target=self.units, relu_attributions=True)
            return LayerAttribution.interpolate(maps, tuple(size), "bilinear").detach().numpy()

        return run

    def captum_gradients(self, raw):
        from captum.attr import Saliency

        method = Saliency(self.model)

        def run():
            x = self.x.clone(memory_format=self.torch.preserve_format).requires_grad_()
            return method.attribute(x, target=self.units).mean(1).numpy()

        return run

    def captum_smooth(self, raw):
        from captum.attr import NoiseTunnel, Saliency

        method = NoiseTunnel(Saliency(self.model))

        def run():
            x = self.x.clone().requires_grad_()
            maps = method.attribute(
                x, nt_type="smoothgrad", nt_samples=20, nt_samples_batch_size=1, stdevs=0.2, target=self.units
            )
            return maps.mean(1).detach().numpy()

        return run

    def captum_occlusion(self, raw):
        from captum.attr import Occlusion

        method = Occlusion(self.model)

        def run():
            with self.torch.inference_mode():
                maps = method.attribute(
                    self.x, (3, 32, 32), (3, 16, 16), baselines=0, target=self.units, perturbations_per_eval=32
                )
            return maps.sum(1).numpy()

        return run

    def captum_deeplift(self, raw):
        from captum.attr import DeepLift

        method = DeepLift(self.model)

        def run():
            x = self.x.clone(memory_format=self.torch.preserve_format).requires_grad_()
            return method.attribute(x, baselines=0, target=self.units).sum(1).detach().numpy()

        return run

    def _gradcam_library(self, name, model=None):
        import pytorch_grad_cam
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        model = self.model if model is None else model
        for parameter in model.parameters():  # It lets gradients flow from the weights on.
            parameter.requires_grad_(True)
        method = getattr(pytorch_grad_cam, name)(model=model, target_layers=[self.layer])
        method.batch_size = 32
        targets = [ClassifierOutputTarget(int(unit)) for unit in self.units]

        def run():
            return np.asarray(method(input_tensor=self.x.clone(), targets=targets))

        return run

    def gradcamlib_gradcam(self, raw):
        return self._gradcam_library("GradCAM")

    def gradcamlib_scorecam(self, raw):
        return self._gradcam_library("ScoreCAM")

    def gradcamlib_ablationcam(self, raw):
        return self._gradcam_library("AblationCAM")

    def gradcamlib_full_gradients(self, raw):
        return self._gradcam_library("FullGrad", self._with_separate_activations())

    def _with_separate_activations(self):
        """The network with timm's normalizations, which activate as well, in two modules: grad-cam takes biases of BatchNorm2d alone."""
        import copy

        torch = self.torch
        normalization = torch.nn.BatchNorm2d
        model = copy.deepcopy(self.model)
        for parent in list(model.modules()):
            for name, fused in list(parent.named_children()):
                if isinstance(fused, normalization) and type(fused) is not normalization:
                    plain = normalization(fused.num_features, fused.eps).eval()
                    plain.load_state_dict(fused.state_dict())
                    setattr(parent, name, torch.nn.Sequential(plain, fused.act))
        with torch.inference_mode():
            assert torch.equal(self.model(self.x), model(self.x)), "The network gives something else in separate modules."
        return model


class Worker:
    """Answers lines."""

    def __init__(self, engine):
        self.engine = engine
        self.tasks = {}
        self.results = {}
        self.x = None

    def answer(self, words):
        command, rest = words[0], words[1:]
        if command == "model":
            self.tasks.clear()
            self.engine.model(rest[0])
        elif command == "input":
            self.x = np.load(rest[0])
        elif command == "units":
            self.engine.given(self.x, np.load(rest[0]))
        elif command == "task":
            self.tasks[rest[0]] = self.engine.task(rest[1], "raw" in rest[2:])
        elif command == "run":
            busy, start = time.process_time(), time.perf_counter()
            self.results[rest[0]] = self.tasks[rest[0]]()
            return f"{time.perf_counter() - start:.6f} {time.process_time() - busy:.6f}"
        elif command == "save":
            np.save(rest[1], np.asarray(self.results[rest[0]], np.float32))
        elif command == "close":
            del self.tasks[rest[0]]
        elif command == "memory":
            return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        else:
            raise ValueError(f"There is no command {command}.")
        return ""


def main():
    # Libraries print to the standard output; the answers have it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker({"tensorflow": TensorFlow, "torch": Torch}[sys.argv[1]]())
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        try:
            reply = "ok " + worker.answer(words)
        except Exception as e:  # the other side decides what a failure means
            reply = "failed " + f"{type(e).__name__}: {e}".replace("\n", " ")
        print(reply, file=answers, flush=True)


if __name__ == "__main__":
    main()
