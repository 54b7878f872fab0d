"""Convolutions. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import L, case, chain, variants

ops = getattr(keras, "ops", None)

variants("conv1d", L.Conv1D, (9, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same"),
    "same_strides2_even": dict(filters=4, kernel_size=4, strides=2, padding="same", _shape=(8, 3)),
    "causal": dict(filters=4, kernel_size=3, padding="causal"),
    "causal_dilation2": dict(filters=4, kernel_size=3, padding="causal", dilation_rate=2, use_bias=False),
    "causal_strides2": dict(filters=4, kernel_size=3, padding="causal", strides=2),
    "same_dilation2": dict(filters=4, kernel_size=3, padding="same", dilation_rate=2, activation="tanh"),
    "groups3": dict(filters=6, kernel_size=2, groups=3),
    "channels_first": dict(filters=4, kernel_size=3, padding="same", data_format="channels_first", _shape=(3, 9)),
})

variants("conv2d", L.Conv2D, (7, 6, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "same": dict(filters=4, kernel_size=3, padding="same", use_bias=False),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same"),
    "same_strides3": dict(filters=4, kernel_size=2, strides=3, padding="same"),
    "same_kernel1_strides2": dict(filters=4, kernel_size=1, strides=2, padding="same"),
    "same_even_kernel": dict(filters=4, kernel_size=(4, 2), padding="same"),
    "valid_strides12": dict(filters=4, kernel_size=(3, 2), strides=(1, 2)),
    "valid_leaves_a_rest": dict(filters=4, kernel_size=3, strides=3, _shape=(8, 8, 3)),
    "same_dilation2": dict(filters=4, kernel_size=3, padding="same", dilation_rate=2),
    "valid_dilation21": dict(filters=4, kernel_size=3, dilation_rate=(2, 1), activation="relu"),
    "groups3": dict(filters=6, kernel_size=3, padding="same", groups=3),
    "groups2_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same", groups=2, _shape=(7, 6, 4)),
    "channels_first": dict(filters=4, kernel_size=3, data_format="channels_first", _shape=(3, 7, 6)),
    "channels_first_same_strides2":
        dict(filters=4, kernel_size=3, strides=2, padding="same", data_format="channels_first", _shape=(3, 7, 6)),
    "kernel_larger_than_input": dict(filters=2, kernel_size=5, padding="same", _shape=(3, 2, 3)),
    "activation_softmax": dict(filters=4, kernel_size=1, activation="softmax"),
})

variants("conv3d", L.Conv3D, (5, 4, 6, 2), {
    "valid": dict(filters=3, kernel_size=2),
    "same_strides2": dict(filters=3, kernel_size=3, strides=2, padding="same"),
    "same_strides122": dict(filters=2, kernel_size=(2, 3, 1), strides=(1, 2, 2), padding="same", activation="elu"),
    "valid_dilation2": dict(filters=3, kernel_size=2, dilation_rate=2, use_bias=False),
    "groups2": dict(filters=4, kernel_size=2, padding="same", groups=2, _only=3),
    "channels_first":
        dict(filters=5, kernel_size=2, strides=2, padding="same", data_format="channels_first", _shape=(2, 5, 4, 6)),
}, group=3)

variants("conv1d_transpose", L.Conv1DTranspose, (5, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "valid_strides2": dict(filters=4, kernel_size=3, strides=2, use_bias=False),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same"),
    "same_strides3_kernel2": dict(filters=4, kernel_size=2, strides=3, padding="same"),
    "same_output_padding": dict(filters=4, kernel_size=3, strides=2, padding="same", output_padding=1),
    "valid_output_padding": dict(filters=4, kernel_size=3, strides=3, output_padding=2),
    "same_output_padding0": dict(filters=4, kernel_size=3, strides=2, padding="same", output_padding=0),
    "channels_first": dict(filters=4, kernel_size=3, strides=2, data_format="channels_first", _shape=(3, 5)),
})

variants("conv2d_transpose", L.Conv2DTranspose, (4, 5, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "same": dict(filters=4, kernel_size=3, padding="same", activation="relu"),
    "valid_strides2": dict(filters=4, kernel_size=3, strides=2, use_bias=False),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same"),
    "same_strides2_kernel4": dict(filters=4, kernel_size=4, strides=2, padding="same"),
    "valid_strides3_kernel2": dict(filters=4, kernel_size=2, strides=3),
    "same_strides3_kernel2": dict(filters=4, kernel_size=2, strides=3, padding="same"),
    "same_strides12": dict(filters=4, kernel_size=(2, 3), strides=(1, 2), padding="same"),
    "same_output_padding": dict(filters=4, kernel_size=3, strides=2, padding="same", output_padding=1),
    "valid_output_padding": dict(filters=4, kernel_size=3, strides=3, output_padding=(1, 2)),
    "same_output_padding0": dict(filters=4, kernel_size=5, strides=2, padding="same", output_padding=0),
    "valid_dilation2": dict(filters=4, kernel_size=3, dilation_rate=2, _only=2),
    "same_dilation2": dict(filters=4, kernel_size=3, padding="same", dilation_rate=2, _only=2),
    "channels_first":
        dict(filters=4, kernel_size=3, strides=2, padding="same", data_format="channels_first", _shape=(3, 4, 5)),
    "channels_first_output_padding":
        dict(filters=4, kernel_size=3, strides=2, output_padding=1, data_format="channels_first", _shape=(3, 4, 5)),
})

variants("conv3d_transpose", L.Conv3DTranspose, (3, 2, 4, 2), {
    "valid": dict(filters=3, kernel_size=2),
    "same_strides2": dict(filters=2, kernel_size=3, strides=2, padding="same"),
    "valid_strides121": dict(filters=2, kernel_size=(1, 3, 2), strides=(1, 2, 1), use_bias=False),
    "same_output_padding": dict(filters=2, kernel_size=3, strides=2, padding="same", output_padding=1),
    "channels_first": dict(filters=3, kernel_size=2, strides=2, data_format="channels_first", _shape=(2, 3, 2, 4)),
}, group=3)



def spread(layer_class, **arguments):
    """A dilated transposed convolution and, as its reference, the same with zeros between the kernel's values."""

    class Spread(layer_class):
        def call(self, inputs):
            kernel = self.kernel
            for axis, rate in enumerate(self.dilation_rate):
                parts = ops.split(kernel, kernel.shape[axis], axis)
                kernel = ops.concatenate([p for part in parts for p in [part] + [part * 0] * (rate - 1)][:1 - rate], axis)
            return self.bias + ops.conv_transpose(inputs, kernel, self.strides, self.padding, self.output_padding)

    shape = (5, 4, 3)[2 - layer_class(1, 1).rank:]
    return chain(shape, layer_class(name="dilated", **arguments)), chain(shape, Spread(name="dilated", **arguments))


for rank, layer_class in ((1, L.Conv1DTranspose), (2, L.Conv2DTranspose)):
    for padding in ("valid", "same"):
        case(f"conv{rank}d_transpose_{padding}_dilation2", layer_class.__name__, lambda c=layer_class, p=padding: spread(
            c, filters=4, kernel_size=3, padding=p, dilation_rate=2), only=3, lacks="dilated transposed convolution")

variants("depthwise_conv1d", L.DepthwiseConv1D, (9, 3), {
    "valid": dict(kernel_size=3),
    "same_strides2_multiplier2": dict(kernel_size=3, strides=2, padding="same", depth_multiplier=2),
    "same_dilation2": dict(kernel_size=3, padding="same", dilation_rate=2, use_bias=False, activation="sigmoid"),
    "channels_first": dict(kernel_size=3, padding="same", data_format="channels_first", _shape=(3, 9)),
})

variants("depthwise_conv2d", L.DepthwiseConv2D, (7, 6, 3), {
    "valid": dict(kernel_size=3),
    "same": dict(kernel_size=3, padding="same", use_bias=False),
    "same_strides2": dict(kernel_size=3, strides=2, padding="same", activation="relu6"),
    "same_multiplier2": dict(kernel_size=(2, 3), padding="same", depth_multiplier=2),
    "valid_strides2_multiplier3": dict(kernel_size=3, strides=2, depth_multiplier=3),
    "same_dilation2": dict(kernel_size=3, padding="same", dilation_rate=2),
    "channels_first":
        dict(kernel_size=3, strides=2, padding="same", depth_multiplier=2, data_format="channels_first", _shape=(3, 7, 6)),
})

variants("separable_conv1d", L.SeparableConv1D, (9, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same", depth_multiplier=2),
    "causal": dict(filters=4, kernel_size=3, padding="causal", _only=2),
    "same_dilation2": dict(filters=4, kernel_size=3, padding="same", dilation_rate=2, use_bias=False),
    "channels_first": dict(filters=4, kernel_size=3, padding="same", data_format="channels_first", _shape=(3, 9)),
})

variants("separable_conv2d", L.SeparableConv2D, (7, 6, 3), {
    "valid": dict(filters=4, kernel_size=3),
    "same_strides2": dict(filters=4, kernel_size=3, strides=2, padding="same", activation="relu"),
    "same_multiplier2": dict(filters=5, kernel_size=(3, 2), padding="same", depth_multiplier=2),
    "same_dilation2": dict(filters=4, kernel_size=3, padding="same", dilation_rate=2, use_bias=False),
    "valid_dilation12": dict(filters=4, kernel_size=3, dilation_rate=(1, 2), _only=3),
    "channels_first":
        dict(filters=4, kernel_size=3, strides=2, padding="same", data_format="channels_first", _shape=(3, 7, 6)),
})

if hasattr(L, "LocallyConnected1D"):
    for implementation in (1, 2, 3):
        case(f"locally_connected1d_implementation{implementation}", "LocallyConnected1D",
             lambda i=implementation: chain((7, 3), L.LocallyConnected1D(4, 3, strides=2 if i == 1 else 1, implementation=i)),
             formats=("h5", "keras"))
        case(f"locally_connected2d_implementation{implementation}", "LocallyConnected2D",
             lambda i=implementation: chain((5, 4, 2), L.LocallyConnected2D(3, (2, 3), implementation=i, activation="tanh")),
             formats=("h5", "keras"))
    case("locally_connected1d_same", "LocallyConnected1D",
         lambda: chain((7, 3), L.LocallyConnected1D(2, 3, padding="same", implementation=2, use_bias=False)), formats=("h5",))
    case("locally_connected2d_same", "LocallyConnected2D",
         lambda: chain((4, 4, 2), L.LocallyConnected2D(2, 3, padding="same", implementation=3)), formats=("h5",))
    for implementation in (2, 3):
        case(f"locally_connected2d_channels_first_implementation{implementation}", "LocallyConnected2D",
             lambda i=implementation: chain((2, 5, 4), L.LocallyConnected2D(
                 2, (2, 3), padding="same", data_format="channels_first", implementation=i)), formats=("keras",))
    case("locally_connected1d_channels_first", "LocallyConnected1D",
         lambda: chain((2, 7), L.LocallyConnected1D(3, 3, strides=2, data_format="channels_first")), formats=("h5",))
    case("locally_connected2d_channels_first", "LocallyConnected2D",
         lambda: chain((2, 5, 4), L.LocallyConnected2D(2, 2, strides=2, data_format="channels_first")), formats=("h5",))
