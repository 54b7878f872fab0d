"""Recurrent layers and masks. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import KERAS3, L, case, chain, normal, tf, variants

BOTH = ("h5", "keras")
SHAPE = (5, 3)
COMMON = {
    "plain": dict(units=4),
    "sequences": dict(units=4, return_sequences=True),
    "backwards": dict(units=4, return_sequences=True, go_backwards=True),
    "backwards_last": dict(units=3, go_backwards=True),
    "no_bias": dict(units=4, use_bias=False),
    "unrolled": dict(units=3, unroll=True, return_sequences=True),
    "activation": dict(units=4, activation="relu"),
    "dropout": dict(units=3, dropout=0.2, recurrent_dropout=0.3),
}
variants("lstm", L.LSTM, SHAPE, {
    **COMMON,
    "recurrent_activation": dict(units=4, recurrent_activation="hard_sigmoid", activation="softsign"),
    "no_forget_bias": dict(units=3, unit_forget_bias=False),
    "implementation1": dict(units=3, implementation=1, _only=2),
    "one_step": dict(units=3, return_sequences=True, _shape=(1, 3)),
})
variants("gru", L.GRU, SHAPE, {
    **COMMON,
    "reset_before": dict(units=4, reset_after=False),
    "reset_before_sequences_backwards": dict(units=4, reset_after=False, return_sequences=True, go_backwards=True),
    "reset_before_no_bias": dict(units=4, reset_after=False, use_bias=False),
    "recurrent_activation": dict(units=4, recurrent_activation="hard_sigmoid"),
    "implementation1": dict(units=3, implementation=1, _only=2),
})
variants("simple_rnn", L.SimpleRNN, SHAPE, COMMON)


def from_states(layer_class):
    """The second layer starts from the states of the first."""
    given, other = keras.Input(SHAPE), keras.Input((4, 3))
    _, *states = layer_class(4, return_state=True, name="encoder")(given)
    value = layer_class(4, return_sequences=True, name="decoder")(other, initial_state=states)
    return keras.Model([given, other], value)


def from_inputs(layer_class, count):
    given = [keras.Input(SHAPE)] + [keras.Input((4,)) for _ in range(count)]
    return keras.Model(given, layer_class(4, return_sequences=True)(given[0], initial_state=given[1:]))


def time_major(layer_class):
    given = keras.Input(SHAPE)
    return keras.Model(given, layer_class(4, time_major=True)(tf.transpose(given, [1, 0, 2])))


def stateful(layer_class):
    given = keras.Input(batch_shape=(2, *SHAPE))
    return keras.Model(given, layer_class(4, stateful=True, return_sequences=True)(given))


for name, states in (("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1)):
    layer_class, prefix = getattr(L, name), {"SimpleRNN": "simple_rnn"}.get(name, name.lower())
    case(f"{prefix}_return_state", name, lambda c=layer_class: chain(SHAPE, c(4, return_state=True)), formats=BOTH)
    case(f"{prefix}_return_state_and_sequences", name, lambda c=layer_class: chain(
        SHAPE, c(4, return_state=True, return_sequences=True, go_backwards=True)))
    case(f"{prefix}_from_states", name, lambda c=layer_class: from_states(c), formats=BOTH)
    case(f"{prefix}_from_inputs", name, lambda c=layer_class, n=states: from_inputs(c, n))
    case(f"{prefix}_stateful", name, lambda c=layer_class: stateful(c), formats=BOTH,
         notes="Starts from states of zero, as a stateless layer does.")
    if not KERAS3:
        case(f"{prefix}_time_major", name, lambda c=layer_class: time_major(c))

case("rnn_lstm_cell", "RNN", lambda: chain(SHAPE, L.RNN(L.LSTMCell(4))), formats=BOTH)
case("rnn_gru_cell", "RNN", lambda: chain(SHAPE, L.RNN(L.GRUCell(4, reset_after=False), return_sequences=True)), formats=BOTH)
case("rnn_simple_rnn_cell", "RNN", lambda: chain(SHAPE, L.RNN(L.SimpleRNNCell(4), go_backwards=True)), formats=BOTH)
case("rnn_list_of_cells", "StackedRNNCells", lambda: chain(SHAPE, L.RNN([L.LSTMCell(4), L.LSTMCell(3)], return_sequences=True)),
     formats=BOTH)
case("rnn_stacked_cells", "StackedRNNCells", lambda: chain(
    SHAPE, L.RNN(L.StackedRNNCells([L.GRUCell(4), L.SimpleRNNCell(3), L.LSTMCell(2)]))), formats=BOTH)
case("rnn_stacked_cells_states", "StackedRNNCells", lambda: chain(
    SHAPE, L.RNN(L.StackedRNNCells([L.GRUCell(4), L.LSTMCell(2)]), return_state=True)) if not KERAS3 else chain(
    SHAPE, L.RNN(L.StackedRNNCells([L.GRUCell(4), L.LSTMCell(2)]))))

for rank in (1, 2, 3):
    name, spatial = f"ConvLSTM{rank}D", (5, 4, 3)[:rank]
    variants(f"conv_lstm{rank}d", getattr(L, name), (3, *spatial, 2), {
        "plain": dict(filters=2, kernel_size=2),
        "same_sequences": dict(filters=2, kernel_size=3, padding="same", return_sequences=True),
        **({"strides2": dict(filters=2, kernel_size=2, strides=2, padding="same", use_bias=False),
            "dilation2": dict(filters=2, kernel_size=2, dilation_rate=2),
            "backwards": dict(filters=2, kernel_size=2, go_backwards=True, return_sequences=True, activation="relu"),
            "recurrent_activation": dict(filters=2, kernel_size=2, recurrent_activation="sigmoid", unit_forget_bias=False)}
           if rank == 2 else {}),
    }, group=2)
case("conv_lstm2d_return_state", "ConvLSTM2D", lambda: chain((3, 4, 3, 2), L.ConvLSTM2D(2, 2, return_state=True)))


def convolution_first(return_sequences):
    """A channels_first ConvLSTM2D and its channels_last reference."""
    options = dict(filters=2, kernel_size=2, return_sequences=return_sequences, name="conv_lstm")
    given = keras.Input((3, 4, 3, 2))
    value = L.ConvLSTM2D(**options, data_format="channels_last")(L.TimeDistributed(L.Permute((2, 3, 1)))(given))
    back = L.Permute((3, 1, 2))
    model = chain((3, 4, 3, 2), L.ConvLSTM2D(**options, data_format="channels_first"))
    return model, keras.Model(given, (L.TimeDistributed(back) if return_sequences else back)(value))


for sequences in (False, True):
    case("conv_lstm2d_channels_first" + ("_sequences" if sequences else ""), "ConvLSTM2D",
         lambda s=sequences: convolution_first(s))


# Masks. Keras 3 writes a mask into HDF5 as an operation, which it does not read back.
MASKED = ("keras",) if KERAS3 else BOTH


def zeros_at_the_end(shape, value=0.0):
    """Standard normal sequences; the first has `value` in its last two steps, the second in one amid the others."""
    def draw(rng):
        values = normal(shape)(rng)
        values[0, -2:] = value
        values[1, 2] = value
        return values
    return draw


def tokens(rng):
    return [[3, 1, 4, 0, 0], [2, 0, 5, 1, 6]]


SEQUENCE = (zeros_at_the_end((2, *SHAPE)),)
case("masking_plain", "Masking", lambda: chain(SHAPE, L.Masking()), inputs=SEQUENCE, formats=BOTH)
case("masking_value", "Masking", lambda: chain(SHAPE, L.Masking(-1.0), L.LSTM(3)), inputs=(zeros_at_the_end((2, *SHAPE), -1.0),),
     gradients=False, notes="No gradient: the step that looks for kinks would unmask.")
for name in ("LSTM", "GRU", "SimpleRNN"):
    layer_class, prefix = getattr(L, name), name.lower()
    case(f"masking_{prefix}", "Masking", lambda c=layer_class: chain(SHAPE, L.Masking(), c(4)), inputs=SEQUENCE, formats=MASKED)
    case(f"masking_{prefix}_sequences", "Masking", lambda c=layer_class: chain(SHAPE, L.Masking(), c(4, return_sequences=True)),
         inputs=SEQUENCE)
    case(f"masking_{prefix}_backwards", "Masking", lambda c=layer_class: chain(
        SHAPE, L.Masking(), c(4, return_sequences=True, go_backwards=True)), inputs=SEQUENCE)
    case(f"embedding_mask_{prefix}", "Embedding", lambda c=layer_class: chain(
        (5,), L.Embedding(7, 3, mask_zero=True), c(4), L.Dense(2), dtype="int32"), inputs=(tokens,), formats=MASKED)
case("masking_rnn_zero_output", "RNN", lambda: chain(SHAPE, L.Masking(), L.RNN(
    L.GRUCell(3), return_sequences=True, zero_output_for_mask=True)), inputs=SEQUENCE)
case("masking_stacked_rnns", "Masking", lambda: chain(
    SHAPE, L.Masking(), L.LSTM(3, return_sequences=True), L.Dropout(0.1), L.LayerNormalization(), L.GRU(2)), inputs=SEQUENCE)
case("masking_bidirectional", "Bidirectional", lambda: chain(
    SHAPE, L.Masking(), L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Bidirectional(L.GRU(2))), inputs=SEQUENCE, formats=MASKED)
for cell in ("LSTM", "GRU", "SimpleRNN"):
    case(f"masking_bidirectional_{cell.lower()}_seen", "Bidirectional", lambda cell=cell: chain(
        SHAPE, L.Masking(), L.Bidirectional(getattr(L, cell)(3, return_sequences=True)), L.Flatten(), L.Dense(2)), inputs=SEQUENCE, formats=MASKED)
case("masking_global_average_pooling1d", "GlobalAveragePooling1D", lambda: chain(SHAPE, L.Masking(), L.GlobalAveragePooling1D()),
     inputs=SEQUENCE, formats=MASKED, notes="The mean over the steps that are not masked.")
case("embedding_mask_global_average_pooling1d", "GlobalAveragePooling1D", lambda: chain(
    (5,), L.Embedding(7, 3, mask_zero=True), L.GlobalAveragePooling1D(), L.Dense(2), dtype="int32"), inputs=(tokens,), formats=MASKED)
case("masking_global_max_pooling1d", "GlobalMaxPooling1D", lambda: chain(SHAPE, L.Masking(), L.GlobalMaxPooling1D()),
     inputs=SEQUENCE, notes="The mask is not used.")
case("masking_dense_activation", "Masking", lambda: chain(
    SHAPE, L.Masking(), L.Dense(4), L.Activation("tanh"), L.TimeDistributed(L.Dense(3)), L.LSTM(2)), inputs=SEQUENCE)
case("masking_batch_normalization", "Masking", lambda: chain(SHAPE, L.Masking(), L.BatchNormalization(), L.GRU(2)), inputs=SEQUENCE)


def mask_through_merge(merge):
    tokens, other = keras.Input((5,), dtype="int32"), keras.Input((5, 3))
    value = merge([L.Embedding(7, 3, mask_zero=True)(tokens), L.Masking()(other)])
    return keras.Model([tokens, other], L.LSTM(2)(value))


for name in ("Add", "Concatenate", "Multiply"):
    case(f"mask_through_{name.lower()}", name, lambda n=name: mask_through_merge(getattr(L, n)()), inputs=(tokens, SEQUENCE[0]))


def mask_into_nested():
    inner = keras.Sequential([keras.Input((5, 3)), L.Dense(4), L.LSTM(3)], name="inner")
    return chain((5,), L.Embedding(7, 3, mask_zero=True), inner, dtype="int32")


case("mask_into_nested_model", "Masking", mask_into_nested, inputs=(tokens,), formats=MASKED)

# Wrappers.
for mode in ("concat", "sum", "mul", "ave"):
    case(f"bidirectional_{mode}", "Bidirectional", lambda m=mode: chain(
        SHAPE, L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=m)), formats=BOTH if mode == "concat" else ("keras",))
    case(f"bidirectional_{mode}_last", "Bidirectional", lambda m=mode: chain(SHAPE, L.Bidirectional(L.GRU(3), merge_mode=m)))
case("bidirectional_none", "Bidirectional", lambda: chain(SHAPE, L.Bidirectional(L.LSTM(3, return_sequences=True), merge_mode=None)),
     formats=BOTH)
case("bidirectional_states", "Bidirectional", lambda: chain(SHAPE, L.Bidirectional(L.LSTM(3, return_state=True))), formats=BOTH)
case("bidirectional_backward_layer", "Bidirectional", lambda: chain(SHAPE, L.Bidirectional(
    L.LSTM(3, return_sequences=True), backward_layer=L.LSTM(2, return_sequences=True, go_backwards=True, activation="relu"))),
    formats=BOTH)
case("bidirectional_backwards", "Bidirectional", lambda: chain(
    SHAPE, L.Bidirectional(L.SimpleRNN(3, return_sequences=True, go_backwards=True))), only=2)
case("bidirectional_rnn_cell", "Bidirectional", lambda: chain(SHAPE, L.Bidirectional(L.RNN(L.LSTMCell(3)))))
case("bidirectional_stacked", "Bidirectional", lambda: chain(
    SHAPE, L.Bidirectional(L.LSTM(3, return_sequences=True)), L.Bidirectional(L.LSTM(2)), L.Dense(2)), formats=BOTH)


def bidirectional_from_states():
    given, other = keras.Input(SHAPE), keras.Input((4, 3))
    _, *states = L.Bidirectional(L.LSTM(3, return_state=True))(given)
    return keras.Model([given, other], L.Bidirectional(L.LSTM(3))(other, initial_state=states))


case("bidirectional_from_states", "Bidirectional", bidirectional_from_states)


def small_backbone():
    given = keras.Input((6, 5, 2))
    value = L.ReLU()(L.BatchNormalization()(L.Conv2D(3, 3, strides=2, padding="same")(given)))
    return keras.Model(given, L.GlobalAveragePooling2D()(value), name="backbone")


case("time_distributed_dense", "TimeDistributed", lambda: chain(SHAPE, L.TimeDistributed(L.Dense(4, activation="relu"))), formats=BOTH)
case("time_distributed_conv2d", "TimeDistributed", lambda: chain((3, 6, 5, 2), L.TimeDistributed(L.Conv2D(2, 3))), formats=BOTH)
case("time_distributed_pooling_flatten", "TimeDistributed", lambda: chain(
    (3, 6, 5, 2), L.TimeDistributed(L.MaxPooling2D()), L.TimeDistributed(L.Flatten()), L.LSTM(2)))
case("time_distributed_batch_normalization", "TimeDistributed", lambda: chain(SHAPE, L.TimeDistributed(L.BatchNormalization())))
case("time_distributed_backbone", "TimeDistributed", lambda: chain(
    (3, 6, 5, 2), L.TimeDistributed(small_backbone()), L.LSTM(3), L.Dense(2)), formats=BOTH)
case("time_distributed_sequential", "TimeDistributed", lambda: chain((3, 6, 5, 2), L.TimeDistributed(
    keras.Sequential([keras.Input((6, 5, 2)), L.Conv2D(2, 3), L.Flatten(), L.Dense(3)]))), formats=BOTH)
case("time_distributed_lstm", "TimeDistributed", lambda: chain((3, 4, 2), L.TimeDistributed(L.LSTM(3)), L.GRU(2)))
case("time_distributed_twice", "TimeDistributed", lambda: chain((2, 3, 4), L.TimeDistributed(L.TimeDistributed(L.Dense(2)))))

if not KERAS3:
    def cudnn(name):
        """A CuDNN layer, which only runs on a GPU, and the layer that computes the same."""
        options = dict(units=3, return_sequences=True, name="rnn")
        given = keras.Input(SHAPE)
        twin = L.LSTM(**options) if name == "CuDNNLSTM" else L.GRU(**options, reset_after=True)
        return chain(SHAPE, getattr(L, name)(**options)), keras.Model(given, twin(given))

    for name in ("CuDNNLSTM", "CuDNNGRU"):
        case(f"cudnn_{name[5:].lower()}", name, lambda n=name: cudnn(n), formats=("h5",), lacks="CuDNN")
