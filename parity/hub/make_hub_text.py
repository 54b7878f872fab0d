"""Makes core/src/test/resources/golden/hubtext: small models of KerasHub for words, sound, and words with pictures, with random weights.

Needs keras-hub==0.32.0 and the packages of requirements-keras3.txt:
    python parity/hub/make_hub_text.py [case ..]
For each case: model.keras as KerasHub saves it, an array for each input by its name, out_0.npy and so on in single precision, and
gradients.npy in double precision: of unit 1 of the first output, or of the sum over tokens of its feature 1, the gradient of the
vectors that the embedding makes of the tokens (or of the sound's or picture's values), mean over features of its size: behind the
embedding features are normalized, so that with signs they add up to zero.
"""

import json
import os
import pathlib
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0", CUDA_VISIBLE_DEVICES="")

import keras
import keras_hub
import numpy as np
import tensorflow as tf
from keras import layers
from make_hub import smaller

OUT = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/hubtext"
hub = keras_hub.models
CASES = {}
UNIT = 1
SIZES = {"num_layers": 2, "num_heads": 2, "hidden_dim": 8, "intermediate_dim": 12, "max_sequence_length": 11}
WORDS = {"vocabulary_size": 40, **SIZES}


def case(embedding, tokens=9):
    """Registers a function that builds a model; the gradient is that of what the layer gives, or of an input where it is none."""

    def register(function):
        CASES[function.__name__] = (function, embedding, tokens)
        return function

    return register


@case("token_embedding")
def bert():
    return hub.BertTextClassifier(hub.BertBackbone(**WORDS), num_classes=3)


@case("token_embedding")
def bert_probabilities():
    backbone = hub.BertBackbone(**{**WORDS, "num_layers": 1, "num_heads": 4}, num_segments=3, dropout=0.2)
    return hub.BertTextClassifier(backbone, num_classes=2, activation="softmax", dropout=0.4)


@case("token_embedding")
def bert_backbone():
    return hub.BertBackbone(**WORDS)


@case("token_embedding")
def bert_embedder():
    return hub.BertTextEmbedder(hub.BertBackbone(**WORDS))


@case("token_embedding")
def bert_embedder_first():
    return hub.BertTextEmbedder(hub.BertBackbone(**WORDS), pooling_mode="cls", normalize=False)


@case("token_embedding")
def roberta():
    return hub.RobertaTextClassifier(hub.RobertaBackbone(**WORDS), num_classes=3)


@case("token_embedding")
def roberta_hidden():
    return hub.RobertaTextClassifier(hub.RobertaBackbone(**{**WORDS, "num_layers": 1}), num_classes=3, hidden_dim=5, activation="softmax")


@case("token_embedding")
def xlm_roberta():
    return hub.XLMRobertaTextClassifier(hub.XLMRobertaBackbone(**WORDS), num_classes=3)


@case("token_embedding")
def distilbert():
    return hub.DistilBertTextClassifier(hub.DistilBertBackbone(**WORDS), num_classes=3, hidden_dim=6)


@case("token_embedding")
def distilbert_one():
    return hub.DistilBertTextClassifier(hub.DistilBertBackbone(**{**WORDS, "num_layers": 1}), num_classes=2, activation="sigmoid")


@case("token_embedding")
def albert():
    backbone = hub.AlbertBackbone(**{**WORDS, "num_layers": 4}, embedding_dim=6, num_groups=2, num_inner_repetitions=2)
    return hub.AlbertTextClassifier(backbone, num_classes=3)


@case("token_embedding")
def albert_one_group():
    return hub.AlbertTextClassifier(hub.AlbertBackbone(**WORDS, embedding_dim=8), num_classes=3, activation="softmax")


@case("token_embedding")
def electra():
    return hub.ElectraBackbone(vocab_size=40, embedding_dim=6, **SIZES)


@case("token_embedding")
def electra_same():
    return hub.ElectraBackbone(vocab_size=40, embedding_dim=8, **{**SIZES, "num_layers": 1})


@case("token_embedding")
def deberta_v3():
    return hub.DebertaV3TextClassifier(hub.DebertaV3Backbone(**WORDS, bucket_size=4), num_classes=3)


@case("token_embedding", 24)
def deberta_v3_long():
    """More tokens than the buckets have places for, so that places far away share one."""
    backbone = hub.DebertaV3Backbone(**{**WORDS, "max_sequence_length": 32, "num_layers": 1}, bucket_size=8)
    return hub.DebertaV3TextClassifier(backbone, num_classes=2, hidden_dim=5, activation="softmax")


@case("token_embedding")
def f_net():
    arguments = {key: value for key, value in WORDS.items() if key != "num_heads"}
    return hub.FNetTextClassifier(hub.FNetBackbone(**arguments), num_classes=3)


@case("token_embedding", 7)
def f_net_odd():
    arguments = {key: value for key, value in WORDS.items() if key != "num_heads"}
    return hub.FNetTextClassifier(hub.FNetBackbone(**arguments, num_segments=2), num_classes=2, activation="softmax")


@case("token_embedding")
def gpt2():
    return hub.GPT2Backbone(**WORDS)


@case("token_embedding")
def gpt2_head():
    """A frozen backbone as a layer of a user's own model."""
    backbone = hub.GPT2Backbone(**{**WORDS, "num_layers": 1, "num_heads": 4})
    backbone.trainable = False
    inputs = {name: keras.Input((9,), dtype="int32", name=name) for name in ("token_ids", "padding_mask")}
    x = layers.GlobalAveragePooling1D()(backbone(inputs))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


@case("embedding")
def hub_layers():
    """The layers that users take by themselves, normalized before and behind, with a mask that comes from the embedding."""
    tokens = keras.Input((9,), dtype="int32", name="token_ids")
    x = keras_hub.layers.TokenAndPositionEmbedding(40, 11, 8, mask_zero=True)(tokens)
    x = keras_hub.layers.TransformerEncoder(12, 2, activation="gelu", normalize_first=True, layer_norm_epsilon=1e-4)(x)
    x = keras_hub.layers.TransformerDecoder(10, 2, activation="swish")(x)
    x = x + keras_hub.layers.PositionEmbedding(9)(x)
    x = x + keras_hub.layers.SinePositionEncoding()(x)
    x = keras_hub.layers.FNetEncoder(6)(x)
    x = layers.GlobalMaxPooling1D()(x)
    return keras.Model(tokens, layers.Dense(3)(x))


WHISPER = {
    "vocabulary_size": 40, "num_layers": 2, "num_heads": 2, "hidden_dim": 8, "intermediate_dim": 12, "num_mels": 6,
    "max_encoder_sequence_length": 18, "max_decoder_sequence_length": 11,
}


@case("encoder_features", 18)
def whisper():
    return hub.WhisperBackbone(**WHISPER)


@case("encoder_features", 18)
def whisper_encoder():
    backbone = hub.WhisperBackbone(**WHISPER)
    return keras.Model(backbone.inputs[0] if backbone.inputs[0].name == "encoder_features" else backbone.input["encoder_features"],
                       backbone.get_layer("encoder_layer_norm").output)


VISION = {"patch_size": 4, "hidden_dim": 8, "num_layers": 2, "num_heads": 2, "intermediate_dim": 12, "image_shape": (12, 12, 3)}
TEXT = {
    "vocabulary_size": 40, "embedding_dim": 8, "hidden_dim": 8, "num_layers": 2, "num_heads": 2, "intermediate_dim": 12,
    "max_sequence_length": 9,
}


@case("images")
def clip_vision():
    return hub.CLIPVisionEncoder(**VISION)


@case("images")
def clip_vision_between():
    return hub.CLIPVisionEncoder(**{**VISION, "intermediate_activation": "gelu"}, intermediate_output_index=-2, name="vision")


@case("token_embedding")
def clip_text():
    return hub.CLIPTextEncoder(**TEXT, intermediate_output_index=0)


@case("images")
def clip():
    return hub.CLIPBackbone(hub.CLIPVisionEncoder(**VISION), hub.CLIPTextEncoder(**TEXT, name="clip_text"), projection_dim=6)


@case("images")
def siglip_vision():
    return hub.SigLIPVisionEncoder(**VISION)


@case("token_embedding")
def siglip_text():
    return hub.SigLIPTextEncoder(**TEXT, projection_dim=5, intermediate_activation="gelu", layer_norm_epsilon=1e-5)


@case("images")
def siglip():
    return hub.SigLIPBackbone(hub.SigLIPVisionEncoder(**VISION), hub.SigLIPTextEncoder(**TEXT))


PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] the a film was good bad not ##ly ##ing act ##or ##s plot and but very dull ! , . q w e r t".split()


@case("token_embedding")
def bert_sentence():
    """With its tokenizer; sentence.json has a text and what KerasHub makes of it."""
    words = PIECES + [f"word{i}" for i in range(40 - len(PIECES))]
    preprocessor = hub.BertTextClassifierPreprocessor(hub.BertTokenizer(words, lowercase=True), sequence_length=11)
    return hub.BertTextClassifier(hub.BertBackbone(**WORDS), num_classes=3, preprocessor=preprocessor)


@case("token_embedding")
def bert_words():
    return hub.BertMaskedLM(hub.BertBackbone(**{**WORDS, "num_layers": 1}))


@case("token_embedding")
def albert_words():
    """The embedding is narrower than what is behind it."""
    sizes = {**WORDS, "num_layers": 1, "embedding_dim": 6}
    return hub.AlbertMaskedLM(hub.AlbertBackbone(**sizes))


@case("token_embedding")
def roberta_words():
    return hub.RobertaMaskedLM(hub.RobertaBackbone(**{**WORDS, "num_layers": 1}))


@case("token_embedding")
def xlm_roberta_words():
    return hub.XLMRobertaMaskedLM(hub.XLMRobertaBackbone(**{**WORDS, "num_layers": 1, "num_heads": 4, "hidden_dim": 12}, dropout=0.2))


@case("token_embedding")
def distilbert_words():
    return hub.DistilBertMaskedLM(hub.DistilBertBackbone(**{**WORDS, "num_layers": 1}))


@case("token_embedding")
def f_net_words():
    sizes = {key: value for key, value in WORDS.items() if key != "num_heads"}
    return hub.FNetMaskedLM(hub.FNetBackbone(**{**sizes, "num_layers": 1}))


@case("token_embedding")
def deberta_v3_words():
    return hub.DebertaV3MaskedLM(hub.DebertaV3Backbone(**{**WORDS, "num_layers": 1}, bucket_size=4))


@case("token_embedding")
def gpt2_words():
    """Of the word behind each token."""
    return hub.GPT2CausalLM(hub.GPT2Backbone(**{**WORDS, "num_layers": 1}))


@case("token_embedding")
def two_tied():
    """Two tasks of one class in one model: each has an embedding of its own."""
    tasks = [hub.GPT2CausalLM(hub.GPT2Backbone(**{**WORDS, "num_layers": 1}), name=name) for name in ("first", "second")]
    given = {name: keras.Input((None,), dtype="int32", name=name) for name in ("token_ids", "padding_mask")}
    return keras.Model(given, layers.Add()([task(given) for task in tasks]))


@case("token_embedding")
def electra_segments():
    return hub.ElectraBackbone(vocab_size=40, embedding_dim=6, num_segments=3, dropout=0.3, **{**SIZES, "num_layers": 1})


@case("token_embedding")
def albert_segments():
    sizes = {**WORDS, "num_layers": 1, "embedding_dim": 6, "num_segments": 3, "dropout": 0.2}
    return hub.AlbertTextClassifier(hub.AlbertBackbone(**sizes), num_classes=3, dropout=0.3)


@case("images")
def clip_other():
    vision = {**VISION, "patch_size": 6, "num_layers": 1, "num_heads": 4, "intermediate_activation": "gelu"}
    text = {**TEXT, "num_layers": 1, "intermediate_dim": 10, "intermediate_activation": "gelu", "name": "clip_text"}
    return hub.CLIPBackbone(hub.CLIPVisionEncoder(**vision), hub.CLIPTextEncoder(**text), projection_dim=5)


@case("images")
def siglip_other():
    vision = {**VISION, "patch_size": 6, "num_layers": 1, "num_heads": 4, "intermediate_activation": "gelu", "layer_norm_epsilon": 1e-4}
    return hub.SigLIPBackbone(hub.SigLIPVisionEncoder(**vision), hub.SigLIPTextEncoder(**{**TEXT, "num_layers": 1}, projection_dim=8))


@case("encoder_features", 24)
def whisper_other():
    sizes = {**WHISPER, "num_layers": 1, "num_heads": 4, "num_mels": 5, "max_encoder_sequence_length": 24, "dropout": 0.2}
    return hub.WhisperBackbone(**sizes)


def set_weights(model, seed):
    generator = np.random.default_rng(seed)
    for variable in model.weights:
        shape, name = variable.shape, variable.name
        if name == "position_ids":
            continue
        if name == "gamma":
            value = generator.integers(4, 12, shape) / 8
        elif name in ("beta", "bias"):
            value = generator.integers(-4, 5, shape) / 16
        else:
            value = np.round(generator.normal(0, 0.5, shape) * 32) / 32
        variable.assign(value)


def inputs(model, tokens, seed):
    """Rows of unlike length."""
    generator = np.random.default_rng(seed)
    names = [each.name for each in model.inputs]
    lengths = np.array([tokens, tokens - 3])
    made = {}
    for name, tensor in zip(names, model.inputs):
        if name == "images":
            made[name] = (generator.integers(-16, 17, (2, *tensor.shape[1:])) / 16).astype("float32")
        elif name == "encoder_features":
            made[name] = (generator.integers(-16, 17, (2, tokens, tensor.shape[-1])) / 16).astype("float32")
        else:
            count = 5 if name.startswith("decoder") else tokens
            used = np.arange(count) < np.minimum(lengths, [count, count - 1])[:, None]
            value = {"padding_mask": used, "decoder_padding_mask": used}.get(name)
            if name == "mask_positions":
                value, count = np.array([[3, 1], [4, 0]]), 2
            if name == "segment_ids":
                value = used & (np.arange(count) >= 4)
            if value is None:
                value = generator.integers(1, 40, (2, count)) * used
            made[name] = value.astype("int32")
    return made


def find(model, name):
    """A layer, also within others."""
    for layer in model._flatten_layers(include_self=False, recursive=True):
        if layer.name == name and not isinstance(layer, layers.InputLayer):
            return layer
    if name == "embedding":
        return find(model, "token_embedding")
    return None


def to_logits(model):
    last = model.layers[-1]
    if getattr(last, "activation", None) in (keras.activations.softmax, keras.activations.sigmoid):
        last.activation = keras.activations.linear


def score(output):
    """Of maps of tokens, their sum; of a similarity of all pictures to all texts, the diagonal."""
    if output.shape.rank == 3:
        return tf.reduce_sum(output[:, :, UNIT], 1)
    return output[:, UNIT]


def gradients(model, embedding, arrays, unit_of):
    values = {name: tf.constant(value.astype("float64") if value.dtype == np.float32 else value) for name, value in arrays.items()}
    seen = []
    layer = find(model, embedding)
    if layer is not None:
        call = layer.call

        def recording(*args, **kwargs):
            seen.append(call(*args, **kwargs))
            return seen[-1]

        layer.call = recording
    with tf.GradientTape() as tape:
        if layer is None:
            tape.watch(values[embedding])
            seen = [values[embedding]]
        output = keras.tree.flatten(model(values if len(values) > 1 else next(iter(values.values())), training=False))
        total = unit_of(output)
    return np.abs(tape.gradient(total, seen[0]).numpy()).mean(-1)


def make(name, seed):
    build, embedding, tokens = CASES[name]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    keras.utils.clear_session()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    model = build()
    set_weights(model, seed)
    model.optimizer = None
    model.save(folder / "model.keras")
    smaller(folder / "model.keras")
    arrays = inputs(model, tokens, seed + 1)
    for key, value in arrays.items():
        np.save(folder / f"{key}.npy", value)
    outputs = keras.tree.flatten(model(arrays if len(arrays) > 1 else next(iter(arrays.values())), training=False))
    pairs = name in ("clip", "clip_other", "siglip", "siglip_other")
    for i, output in enumerate(outputs):
        value = output.numpy()
        np.save(folder / f"out_{i}.npy", np.diag(value)[:, None] if pairs else value)
    if getattr(model, "preprocessor", None):
        text = "The ACTORS was actingly good, but not!"
        given = {key: np.asarray(value)[None] for key, value in model.preprocessor(text).items()}
        sentence = {"text": text, "token_ids": given["token_ids"][0].tolist(), "output": model(given, training=False)[0].numpy().tolist()}
        (folder / "sentence.json").write_text(json.dumps(sentence) + "\n")
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    double = build()
    set_weights(double, seed)
    to_logits(double)
    found = gradients(double, embedding, arrays, lambda out: tf.linalg.diag_part(out[0]) if pairs else score(out[0]))
    if name != "two_tied":  # Two embeddings read its words.
        np.save(folder / "gradients.npy", found.astype("float32"))
    print(name, [tuple(o.shape) for o in outputs], [each.name for each in model.inputs], np.abs(found).max(),
          sum(f.stat().st_size for f in folder.iterdir()), flush=True)


if __name__ == "__main__":
    for number, name in enumerate(CASES):
        if not sys.argv[1:] or name in sys.argv[1:]:
            make(name, 300 + number)
