"""Attention. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import KERAS3, L, case, chain

BOTH = ("h5", "keras")
QUERY, VALUE = (3, 4), (5, 4)


def attend(layer, *shapes, **call):
    given = [keras.Input(shape) for shape in shapes]
    return keras.Model(given, layer(given, **call))


def masked(layer, **call):
    """Query and value come from embeddings that mask zeros."""
    query, value = keras.Input((3,), dtype="int32"), keras.Input((5,), dtype="int32")
    embedding = L.Embedding(7, 4, mask_zero=True)
    return keras.Model([query, value], layer([embedding(query), embedding(value)], **call))


DOT = ("keras",) if KERAS3 else BOTH  # Keras 3 does not read back the score mode "dot" from HDF5
MASKED = ("keras",) if KERAS3 else BOTH  # nor a mask
TOKENS = (lambda rng: [[3, 1, 0], [2, 0, 5]], lambda rng: [[3, 1, 4, 0, 0], [2, 6, 5, 1, 0]])
for name in ("Attention", "AdditiveAttention"):
    formats = DOT if name == "Attention" else BOTH
    prefix, layer_class = {"Attention": "attention"}.get(name, "additive_attention"), getattr(L, name)
    unscaled = {} if name == "Attention" else dict(use_scale=False)
    case(f"{prefix}_plain", name, lambda c=layer_class: attend(c(), QUERY, VALUE), formats=formats)
    case(f"{prefix}_key", name, lambda c=layer_class: attend(c(), QUERY, VALUE, VALUE))
    case(f"{prefix}_unscaled", name, lambda c=layer_class, u=unscaled: attend(c(**u, dropout=0.2), QUERY, VALUE))
    case(f"{prefix}_scores", name, lambda c=layer_class: attend(c(), QUERY, VALUE, return_attention_scores=True))
    case(f"{prefix}_causal", name, lambda c=layer_class: attend(c(), VALUE, VALUE, use_causal_mask=True), formats=formats)
    case(f"{prefix}_masked", name, lambda c=layer_class: masked(c()), inputs=TOKENS, formats=MASKED)
    case(f"{prefix}_masked_causal", name, lambda c=layer_class: masked(c(), use_causal_mask=True), inputs=TOKENS)
case("attention_scaled", "Attention", lambda: attend(L.Attention(use_scale=True), QUERY, VALUE), formats=DOT)
case("attention_concat", "Attention", lambda: attend(L.Attention(score_mode="concat"), QUERY, VALUE), formats=BOTH)
case("attention_concat_scaled", "Attention", lambda: attend(L.Attention(score_mode="concat", use_scale=True), QUERY, VALUE, VALUE))


def multi_head(layer, *shapes, **call):
    given = [keras.Input(shape) for shape in shapes]
    return keras.Model(given, layer(given[0], given[-1] if len(given) < 3 else given[1], *given[2:], **call))


def itself(layer, shape=(4, 6), **call):
    given = keras.Input(shape)
    return keras.Model(given, layer(given, given, **call))


def given_mask(layer, shape=(3, 5)):
    query, value, mask = keras.Input(QUERY), keras.Input(VALUE), keras.Input(shape, dtype="int32")
    return keras.Model([query, value, mask], layer(query, value, attention_mask=mask))


def named_arguments(layer):
    query, value, key = keras.Input(QUERY), keras.Input(VALUE), keras.Input((5, 3))
    return keras.Model([query, value, key], layer(query=query, key=key, value=value))


def mask_values(shape):
    def draw(rng):
        values = rng.integers(0, 2, shape)
        values[..., 0] = 1
        return values
    return draw


def transformer_block():
    tokens = keras.Input((5,), dtype="int32")
    value = L.Embedding(7, 6, mask_zero=True)(tokens)
    value = L.LayerNormalization()(L.Add()([value, L.MultiHeadAttention(2, 3)(value, value)]))
    value = L.LayerNormalization()(L.Add()([value, L.Dense(6)(L.Dense(8, activation="gelu")(value))]))
    return keras.Model(tokens, L.Dense(2)(L.GlobalAveragePooling1D()(value)))


M = L.MultiHeadAttention
case("multi_head_attention_itself", "MultiHeadAttention", lambda: itself(M(2, 3)), formats=BOTH)
case("multi_head_attention_value", "MultiHeadAttention", lambda: multi_head(M(2, 3), QUERY, VALUE), formats=BOTH)
case("multi_head_attention_key", "MultiHeadAttention", lambda: multi_head(M(2, 3), QUERY, VALUE, (5, 3)), formats=BOTH)
case("multi_head_attention_named_arguments", "MultiHeadAttention", lambda: named_arguments(M(2, 3)), formats=BOTH)
case("multi_head_attention_value_dim", "MultiHeadAttention", lambda: multi_head(M(3, 2, value_dim=4, use_bias=False), QUERY, VALUE))
case("multi_head_attention_output_shape", "MultiHeadAttention", lambda: multi_head(
    M(2, 3, output_shape=5, dropout=0.1), QUERY, VALUE))
case("multi_head_attention_output_shape_two_axes", "MultiHeadAttention", lambda: multi_head(
    M(2, 3, output_shape=(2, 3)), QUERY, VALUE), only=3)
case("multi_head_attention_scores", "MultiHeadAttention", lambda: itself(M(2, 3), return_attention_scores=True))
case("multi_head_attention_causal", "MultiHeadAttention", lambda: itself(M(2, 3), use_causal_mask=True), formats=BOTH)
case("multi_head_attention_one_head", "MultiHeadAttention", lambda: itself(M(1, 4)))
case("multi_head_attention_mask", "MultiHeadAttention", lambda: given_mask(M(2, 3)), inputs=(None, None, mask_values((2, 3, 5))),
     formats=BOTH)
case("multi_head_attention_mask_broadcast", "MultiHeadAttention", lambda: given_mask(M(2, 3), (1, 5)),
     inputs=(None, None, mask_values((2, 1, 5))))
case("multi_head_attention_two_axes", "MultiHeadAttention", lambda: itself(M(2, 3, attention_axes=(1, 2)), (3, 2, 4)), formats=BOTH)
case("multi_head_attention_second_axis", "MultiHeadAttention", lambda: itself(M(2, 3, attention_axes=(2,)), (2, 3, 4)))
case("multi_head_attention_transformer_block", "MultiHeadAttention", transformer_block,
     inputs=(lambda rng: [[3, 1, 4, 0, 0], [2, 6, 5, 1, 0]],), formats=MASKED, notes="The mask of the embedding reaches the attention.")
if KERAS3:
    G = L.GroupQueryAttention
    name = G.__name__
    case("group_query_attention_itself", name, lambda: itself(G(3, 4, 2)), formats=BOTH)
    case("group_query_attention_value", name, lambda: multi_head(G(3, 4, 2), QUERY, VALUE))
    case("group_query_attention_key", name, lambda: multi_head(G(2, 4, 1, use_bias=False), QUERY, VALUE, VALUE))
    case("group_query_attention_all_heads", name, lambda: itself(G(3, 2, 2)))
    case("group_query_attention_scores", name, lambda: itself(G(3, 4, 2, dropout=0.1), return_attention_scores=True))
    case("group_query_attention_causal", name, lambda: itself(G(3, 4, 2), use_causal_mask=True))
    case("group_query_attention_mask", name, lambda: given_mask(G(3, 4, 2)), inputs=(None, None, mask_values((2, 3, 5))))
    case("multi_head_attention_no_flash", "MultiHeadAttention", lambda: itself(M(2, 3, flash_attention=False)))
