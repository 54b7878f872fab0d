"""Makes core/src/test/resources/golden/hubpresets: folders as save_to_preset writes them, and what KerasHub makes of a photo or a text.

Needs keras-hub==0.32.0 and the packages of requirements-keras3.txt:
    python parity/hub/make_hub_presets.py [case ..]
For each case a folder `preset` or a file model.keras, and what KerasHub gives: pixels.npy, the photo as the preprocessor makes it;
scores.npy, what task.predict gives of the photo; or sentence.json, a text with its ids and what the task gives. photo.png is drawn here.
"""

import json
import os
import pathlib
import shutil
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import keras_hub
import numpy as np
import tensorflow as tf
from PIL import Image

import blocks
import convolutions
import tokens
from cases import task
from make_hub import set_weights, smaller

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/hubpresets"
hub = keras_hub.models
CASES = {}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SCALES = [1 / 255 / each for each in DEVIATION]
OFFSETS = [-mean / each for mean, each in zip(MEAN, DEVIATION)]


def photo():
    """Slopes, stripes, a disc and noise: what resizing in another way would change."""
    y, x = np.mgrid[:61, :83].astype("float32")
    generator = np.random.default_rng(5)
    red = 255 * x / 82
    green = 127 + 127 * np.sin(x * 1.9 + y * 0.3)
    blue = np.where((x - 40) ** 2 + (y - 25) ** 2 < 300, 250, 20)
    noise = generator.integers(-20, 21, (61, 83, 3))
    return np.clip(np.stack([red, green, blue], -1) + noise, 0, 255).astype("uint8")


def case(function):
    CASES[function.__name__] = function
    return function


def pictures(family, kind, backbone, converter, **more):
    converter = getattr(keras_hub.layers, f"{family}ImageConverter")(**converter)
    preprocessor = getattr(hub, f"{family}{kind}Preprocessor")(image_converter=converter)
    return task(backbone, getattr(hub, family + kind), preprocessor=preprocessor, **more)


@case
def cropped():
    return pictures("ResNet", "ImageClassifier", convolutions.resnet(image_shape=(24, 20, 3)),
                    dict(image_size=(24, 20), scale=SCALES, offset=OFFSETS))


@case
def padded():
    return pictures("ViT", "ImageClassifier", tokens.vit(),
                    dict(image_size=(16, 12), scale=1 / 127.5, offset=-1, crop_to_aspect_ratio=False, pad_to_aspect_ratio=True,
                         interpolation="bicubic", antialias=True), activation="softmax")


@case
def stretched():
    return pictures("DenseNet", "ImageClassifier", hub.DenseNetBackbone([1, 2], growth_rate=6, compression_ratio=0.25),
                    dict(image_size=(40, 36), scale=1 / 255, crop_to_aspect_ratio=False, interpolation="nearest"))


@case
def segments():
    return pictures("SegFormer", "ImageSegmenter", hub.SegFormerBackbone(image_encoder=blocks.mit(), projection_filters=8),
                    dict(image_size=(32, 32), scale=SCALES, offset=OFFSETS, interpolation="bicubic"))


@case
def sharded():
    return pictures("VGG", "ImageClassifier", hub.VGGBackbone([1, 2], [8, 12], image_shape=(24, 20, 3)),
                    dict(image_size=(24, 20), offset=[-123.68, -116.779, -103.939], interpolation="lanczos3"),
                    pooling="flatten", pooling_hidden_dim=8)


@case
def backbone():
    return convolutions.resnet(image_shape=(24, 20, 3))


def text_task(kind):
    from make_hub_text import PIECES, WORDS
    words = PIECES + [f"word{i}" for i in range(40 - len(PIECES))]
    tokenizer = hub.BertTokenizer(words, lowercase=True)
    return kind, hub.BertBackbone(**WORDS), tokenizer


@case
def sentence():
    kind, backbone, tokenizer = text_task(hub.BertTextClassifier)
    preprocessor = hub.BertTextClassifierPreprocessor(tokenizer, sequence_length=11)
    return kind(backbone, num_classes=3, preprocessor=preprocessor)


CONVERTERS = {
    "lanczos5": dict(image_size=(20, 30), interpolation="lanczos5", antialias=True),
    "lanczos3_wide": dict(image_size=(90, 70), interpolation="lanczos3", crop_to_aspect_ratio=False),
    "bilinear_filtered": dict(image_size=(17, 23), antialias=True, crop_to_aspect_ratio=False, pad_to_aspect_ratio=True),
    "bilinear_wide": dict(image_size=(120, 50), scale=1 / 255),
    "bicubic_wide": dict(image_size=(61, 200), interpolation="bicubic", crop_to_aspect_ratio=False, pad_to_aspect_ratio=True),
    "nearest_wide": dict(image_size=(97, 131), interpolation="nearest", crop_to_aspect_ratio=False),
    "as_it_is": dict(scale=SCALES, offset=OFFSETS),
    "earlier": dict(height=30, width=30, scale=1 / 255, mean=list(MEAN), variance=[each ** 2 for each in DEVIATION]),
}


def converters(image):
    for name, arguments in CONVERTERS.items():
        folder = OUT / f"converter_{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        converter = keras_hub.layers.ImageConverter(**arguments)
        (folder / "preset").mkdir()
        converter.save_to_preset(folder / "preset")
        if name == "earlier":
            path = folder / "preset/image_converter.json"
            config = json.loads(path.read_text())
            for key in ("image_size", "scale", "offset"):
                config["config"].pop(key)
            config["config"].update(arguments)
            path.write_text(json.dumps(config))
        np.save(folder / "pixels.npy", np.asarray(converter(image.astype("float32"))))


def make(name, image, seed):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    keras.utils.clear_session()
    model = CASES[name]()
    if name == "sentence":
        import make_hub_text
        make_hub_text.set_weights(model, seed)
    else:
        set_weights(model, seed)
    shards = {"max_shard_size": 8e-6} if name == "sharded" else {}
    model.save_to_preset(folder / "preset", **shards)
    for junk in (folder / "preset").rglob("*.md"):
        junk.unlink()
    if name in ("cropped", "stretched"):
        model.optimizer = None
        model.save(folder / "model.keras")
        smaller(folder / "model.keras")
    if name == "sentence":
        text = "The ACTORS was actingly good, but not!"
        given = {key: np.asarray(value)[None] for key, value in model.preprocessor(text).items()}
        found = {"text": text, "token_ids": given["token_ids"][0].tolist(), "output": model(given, training=False)[0].numpy().tolist()}
        (folder / "sentence.json").write_text(json.dumps(found) + "\n")
    elif name == "backbone":
        x = np.random.default_rng(1).integers(-16, 17, (2, 24, 20, 3)).astype("float32") / 16
        np.save(folder / "x.npy", x)
        np.save(folder / "scores.npy", model(x, training=False).numpy())
    else:
        np.save(folder / "pixels.npy", np.asarray(model.preprocessor(image.astype("float32"))))
        np.save(folder / "scores.npy", model.predict(image[None], verbose=0))
    print(name, sorted(each.name for each in (folder / "preset").iterdir()), sum(f.stat().st_size for f in folder.rglob("*")))


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    drawn = photo()
    Image.fromarray(drawn).save(OUT / "photo.png", optimize=True)
    wanted = sys.argv[1:]
    for number, name in enumerate(CASES):
        if not wanted or name in wanted:
            make(name, drawn, 700 + number)
    if not wanted or "converters" in wanted:
        converters(drawn)
