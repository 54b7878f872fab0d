"""Makes core/src/test/resources/golden/text: small tokenizers of KerasHub, and the ids that they give for sentences of mixed scripts.

Needs keras-hub==0.32.0, tokenizers, sentencepiece, and the packages of requirements-keras3.txt:
    python parity/text/make_tokenizers.py [FOLDER]
The vocabularies are trained here, on sentences that are put together from a seeded generator. For each case: a folder as
Tokenizer.save_to_preset writes it, and ids.json, what the tokenizer gives when it is called, for each sentence of sentences.json.
The project keeps 120 sentences; with a FOLDER all 2,000 are written there, and `-Dkeralens.sentences=FOLDER` makes
TokenizerGoldenTest compare them. Where there is a preprocessor for the family it is saved too, and packed.json has what it makes of
single sentences and of pairs. In a dataset KerasHub computes with TensorFlow instead; for how many sentences that gives others is printed.
"""

import io
import json
import os
import pathlib
import random
import shutil
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras_hub
import numpy as np
import sentencepiece
import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parents[2] / "core/src/test/resources/golden/text"
hub = keras_hub.models
SCRIPTS = [
    "the quick brown fox jumps over a lazy dog and keeps running until it is tired of the chase through fields".split(),
    "Film actors were Surprisingly GOOD although Plot twists felt unearned McDonald iPhone NASA".split(),
    "don't I'll we've he's they'd I'M CAN'T o'clock rock'n'roll".split(),
    "café naïve façade Ångström über Straße GROẞ Žižek smörgåsbord jalapeño cafe\u0301 A\u030a o\u0308 Đorđe øre".split(),
    "İstanbul ısı IĞDIR ﬁnance ﬀect ǆ Ǆ ŉ ſtreet K Å Ω".split(),
    "Αθήνα ΣΟΦΟΣ φιλοσοφία ς ΐ ᾳ Ὀδυσσεύς".split(),
    "Привет мир Москва ёлка объект ЩИ й и\u0306".split(),
    "مرحبا بالعالم العَرَبِيَّة ١٢٣ لا ﻻ".split(),
    "שלום עולם בְּרֵאשִׁית".split(),
    "नमस्ते दुनिया क्षत्रिय १२३ हिन्दी".split(),
    "สวัสดีชาวโลก ภาษาไทย กำ".split(),
    "你好世界 中文分词 我爱北京天安门 𠀀𪚥 㐀 豈 繁體字".split(),
    "こんにちは 東京タワー カタカナ ﾊﾝｶｸ ｶﾞ が か\u3099 ㍿ ㌔".split(),
    "안녕하세요 세계 한국어 \u1112\u1161\u11ab ㅎㅏㄴ".split(),
    "😀 🎉🎉 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ ☺ ✔︎ 🏴‍☠️".split(),
    "1 42 2024 3.14 1,000,000 ½ Ⅳ ² ٣ １２ 一二三 12345678 0x1F".split(),
    "! ? . , ; : ... — – « » “ ” ‘ ’ … ¿ ¡ @ # $ % ^ & * ( ) [ ] { } | ~ ` \\ / < > = + - _ ' \" § € £ ° × ÷ ± ™ 、 。 ！ ？ ・".split(),
    "https://example.org/a?b=c&d=%20 user@mail.com C++ #hashtag @name a_b snake_case x=y**2 <br/> -> :-) e.g. U.S.A.".split(),
    "𝔘𝔫𝔦 𝒜 𝟘 Ａｂｃ ⓐ ㎏ ﷺ ⅷ".split(),
    ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "<s>", "</s>", "<pad>", "<mask>", "<|endoftext|>", "<|startoftext|>", "<unk>", "▁", "##ing",
     "</w>", "Ġ"],
    ["\u00ad", "\u200b", "\u200d", "\ufeff", "\u2060", "\x07", "\x1b", "\x7f", "\x85", "\ufffd", "\u034f", "\u061c", "\u180e", "\ue000"],
    ["supercalifragilisticexpialidocious", "a" * 99, "b" * 101, "é" * 50, "é" * 51, "ha" * 30, "x" * 100, "____", "!!!!!!", "---"],
]
SPACES = [" "] * 24 + ["", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u2009", "\u202f", "\u2028", " \n ", "\x0b", "\x0c", "\u1680"]


def sentences(count, seed=7):
    generator = random.Random(seed)
    made = ["", " ", "  ", "\n", "a", " a", "a ", "é"]
    while len(made) < count:
        weights = [5 if i < 2 else 1 for i in range(len(SCRIPTS))]
        pools = generator.choices(SCRIPTS, weights, k=generator.randint(1, 4))
        text = generator.choice(["", "", "", "", " ", "\t", "  "])
        for _ in range(generator.randint(1, 14)):
            word = generator.choice(generator.choice(pools))
            text += generator.choice([str.lower, str.upper, str.title] + [str] * 7)(word) + generator.choice(SPACES)
        made.append(text)
    return made


def corpus():
    return [" ".join(text.split()) for text in sentences(3000, 99)]


def word_pieces(lowercase, size, cased_extra=()):
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trained = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
    trained.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    trained.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trained.train_from_iterator(
        corpus(), trainers.WordPieceTrainer(vocab_size=size, special_tokens=specials, limit_alphabet=400, show_progress=False))
    vocabulary = trained.get_vocab()
    return sorted(vocabulary, key=vocabulary.get)


def byte_pairs(size, specials, clip=False):
    trained = tokenizers.Tokenizer(models.BPE(end_of_word_suffix="</w>" if clip else ""))
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    text = corpus()
    if clip:
        trained.normalizer = normalizers.Lowercase()
        split = tokenizers.Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
        trained.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(split, "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trained.train_from_iterator(
        text, trainers.BpeTrainer(
            vocab_size=size, special_tokens=specials, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            end_of_word_suffix="</w>" if clip else ""))
    state = json.loads(trained.to_str())["model"]
    vocabulary = state["vocab"]
    if clip:
        for letter in pre_tokenizers.ByteLevel.alphabet():
            vocabulary.setdefault(letter + "</w>", len(vocabulary))
    return vocabulary, [" ".join(merge) for merge in state["merges"]]


def pieces(small, **more):
    """With the larger maps of characters only where nothing is kept of them."""
    if small:
        more.update(small)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()), model_writer=model, minloglevel=2, **{"vocab_size": 900, "hard_vocab_limit": False, **more})
    return model.getvalue()


ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
PLAIN = {"normalization_rule_name": "identity"}


def cases(small):
    """Name, tokenizer, and the preprocessor's class with its settings."""
    yield "bert_uncased", hub.BertTokenizer(word_pieces(True, 1500), lowercase=True), (
        hub.BertTextClassifierPreprocessor, {"sequence_length": 24})
    yield "bert_accents", hub.BertTokenizer(
        word_pieces(True, 700), lowercase=True, strip_accents=True, special_tokens_in_strings=True), (
            hub.BertTextEmbedderPreprocessor, {"sequence_length": 13, "truncate": "waterfall"})
    yield "distilbert_cased", hub.DistilBertTokenizer(word_pieces(False, 1500), special_tokens_in_strings=True), (
        hub.DistilBertTextClassifierPreprocessor, {"sequence_length": 17, "truncate": "waterfall"})
    yield "electra", hub.ElectraTokenizer(word_pieces(True, 900), lowercase=True, strip_accents=True, oov_token="[UNK]"), None
    vocabulary, merges = byte_pairs(1500, ROBERTA)
    yield "roberta", hub.RobertaTokenizer(vocabulary, merges), (hub.RobertaTextClassifierPreprocessor, {"sequence_length": 30})
    vocabulary, merges = byte_pairs(1100, ROBERTA)
    yield "roberta_prefix", hub.RobertaTokenizer(vocabulary, merges, add_prefix_space=True), None
    vocabulary, merges = byte_pairs(1500, ["<|endoftext|>"])
    tokenizer = hub.GPT2Tokenizer(vocabulary, ["#version: 0.2", *merges])
    yield "gpt2", tokenizer, (hub.GPT2Preprocessor, {"sequence_length": 20})
    yield "gpt2_language", tokenizer, (hub.GPT2CausalLMPreprocessor, {"sequence_length": 20, "add_end_token": False})
    specials = ["<|startoftranscript|>", "<|endoftext|>", "<|notimestamps|>", "<|translate|>", "<|transcribe|>"]
    vocabulary, merges = byte_pairs(900, [])
    special = {token: len(vocabulary) + i for i, token in enumerate(specials)}
    yield "whisper", hub.WhisperTokenizer(
        vocabulary, merges, special_tokens=special,
        language_tokens={"<|en|>": len(vocabulary) + 10, "<|de|>": len(vocabulary) + 11}), None
    vocabulary, merges = byte_pairs(1500, ["<|startoftext|>", "<|endoftext|>"], clip=True)
    yield "clip", hub.CLIPTokenizer(vocabulary, merges), (hub.CLIPPreprocessor, {"sequence_length": 16})
    yield "albert", hub.AlbertTokenizer(pieces(
        {}, normalization_rule_name="nmt_nfkc_cf", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="<pad>",
        control_symbols=["[CLS]", "[SEP]"], user_defined_symbols=["[MASK]"], character_coverage=0.98)), (
            hub.AlbertTextClassifierPreprocessor, {"sequence_length": 21})
    yield "deberta_v3", hub.DebertaV3Tokenizer(pieces(
        {}, pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]", eos_piece="[SEP]", unk_piece="[UNK]",
        split_digits=True)), (hub.DebertaV3TextClassifierPreprocessor, {"sequence_length": 19})
    yield "f_net", hub.FNetTokenizer(pieces(
        small and PLAIN, pad_id=3, unk_id=0, bos_id=4, eos_id=5, pad_piece="<pad>", bos_piece="[CLS]", eos_piece="[SEP]",
        user_defined_symbols=["[MASK]"], normalization_rule_name="nfkc", remove_extra_whitespaces=False, byte_fallback=True,
        vocab_size=1100)), (hub.FNetTextClassifierPreprocessor, {"sequence_length": 33})
    yield "xlm_roberta", hub.XLMRobertaTokenizer(pieces(small and PLAIN, unk_id=0, bos_id=1, eos_id=2)), (
        hub.XLMRobertaTextClassifierPreprocessor, {"sequence_length": 18})
    yield "siglip", hub.SigLIPTokenizer(pieces(
        {}, unk_id=2, eos_id=1, pad_id=0, bos_id=-1, pad_piece="<pad>", model_type="bpe", normalization_rule_name="identity",
        byte_fallback=True, vocab_size=1100, user_defined_symbols=["fox", "quick"])), (hub.SigLIPPreprocessor, {"sequence_length": 14})
    yield "siglip_suffix", hub.SigLIPTokenizer(pieces(
        small and PLAIN, unk_id=2, eos_id=1, pad_id=0, bos_id=-1, pad_piece="<pad>", treat_whitespace_as_suffix=True,
        user_defined_symbols=["fox", "MASK", "quick"]), add_eos=True), None


def packed(preprocessor, texts):
    """What the preprocessor gives for single texts, and for pairs where it takes some."""
    several = "truncate" in preprocessor.get_config()
    inputs = [[text] for text in texts] + ([list(pair) for pair in zip(texts, texts[1:])] if several else [])
    rows = []
    for row in inputs:
        if isinstance(preprocessor, (hub.CLIPPreprocessor, hub.SigLIPPreprocessor)):
            given = preprocessor({"images": np.zeros((1, 4, 4, 3), "float32"), "prompts": row})
        else:
            given = preprocessor(x=row[0] if len(row) == 1 else tuple(row))
        given = given[0] if isinstance(given, tuple) else given
        arrays = {k: np.asarray(v).reshape(-1).astype(int).tolist() for k, v in given.items() if k != "images"}
        rows.append({"texts": row, **arrays})
    return rows


def main(folder, count):
    texts = sentences(count)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / "sentences.json").write_text(json.dumps(texts) + "\n")
    for name, tokenizer, preparation in cases(count < 2000):
        ids = [[int(i) for i in np.asarray(row)] for row in tokenizer(texts)]
        if preparation:
            preprocessor = preparation[0](tokenizer=tokenizer, **preparation[1])
            rows = packed(preprocessor, texts[:: max(1, count // 60)])
            preprocessor.save_to_preset(str(folder / name))
            (folder / name / "packed.json").write_text("[" + ",\n".join(json.dumps(row) for row in rows) + "]\n")
        else:
            tokenizer.save_to_preset(str(folder / name))
        (folder / name / "ids.json").write_text(json.dumps(ids, separators=(",", ":")) + "\n")
        other = "-"
        if count == 2000:
            tokenizer._allow_python_workflow = False
            graph = [[int(i) for i in row] for row in tokenizer(texts)]
            tokenizer._allow_python_workflow = True
            other = sum(a != b for a, b in zip(ids, graph))
        size = sum(f.stat().st_size for f in (folder / name).rglob("*") if f.is_file())
        print(f"{name}: {tokenizer.vocabulary_size()} pieces, {sum(map(len, ids))} ids, {size} bytes, by TensorFlow other: {other}", flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), 2000) if sys.argv[1:] else main(HERE, 120)
