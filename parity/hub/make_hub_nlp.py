"""Makes the cases of core/src/test/resources/golden/hubtext that KerasNLP wrote, which KerasHub was called before.

Needs keras-nlp==0.15.1 beside what make_hub_text.py needs:
    python parity/hub/make_hub_nlp.py
"""

import keras_nlp

import make_hub_text as base
from make_hub_text import WORDS, case, make

models = keras_nlp.models
base.CASES.clear()


@case("token_embedding")
def nlp_bert():
    return models.BertTextClassifier(models.BertBackbone(**WORDS), num_classes=3)


@case("token_embedding")
def nlp_roberta():
    return models.RobertaTextClassifier(models.RobertaBackbone(**WORDS), num_classes=3, hidden_dim=6)


@case("token_embedding")
def nlp_gpt2():
    return models.GPT2Backbone(**WORDS)


if __name__ == "__main__":
    for number, name in enumerate(base.CASES):
        make(name, 900 + number)
