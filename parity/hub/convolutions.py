"""Networks of convolutions."""

import keras
import keras_hub
from cases import case, task
from keras import layers

hub = keras_hub.models


def resnet(type="basic_block", stem=((64,), (3,)), blocks=(1, 2), strides=(1, 2), filters=(64, 16), **more):
    if type == "basic_block" and strides[0] == 1:
        assert stem[0][-1] == 64
    return hub.ResNetBackbone(
        input_conv_filters=list(stem[0]), input_conv_kernel_sizes=list(stem[1]), stackwise_num_filters=list(filters),
        stackwise_num_blocks=list(blocks), stackwise_num_strides=list(strides), block_type=type, **more)


@case("res_net_backbone/stack1_block1_out")
def resnet_basic():
    return task(resnet(image_shape=(24, 20, 3)), hub.ResNetImageClassifier)


@case("res_net_backbone/stack2_block0_out")
def resnet_bottleneck():
    backbone = resnet("bottleneck_block", ((16,), (7,)), (1, 1, 1), (1, 2, 2), (64, 8, 8))
    return task(backbone, hub.ResNetImageClassifier, pooling="max", activation="softmax", dropout=0.3)


@case("res_net_backbone/post_relu")
def resnet_v2_basic():
    return task(resnet(use_pre_activation=True, image_shape=(24, 20, 3)), hub.ResNetImageClassifier)


@case("res_net_backbone/post_relu")
def resnet_v2_bottleneck():
    backbone = resnet("bottleneck_block", ((16,), (5,)), (1, 2), (2, 1), (64, 8), use_pre_activation=True)
    return task(backbone, hub.ResNetImageClassifier)


@case("res_net_backbone/stack1_block1_out")
def resnet_vd_basic():
    backbone = resnet("basic_block_vd", ((8, 8, 16), (3, 3, 3)), filters=(64, 16), image_shape=(24, 20, 3))
    return task(backbone, hub.ResNetImageClassifier)


@case("res_net_backbone/stack1_block0_out")
def resnet_vd_bottleneck():
    backbone = resnet("bottleneck_block_vd", ((8, 16), (3, 3)), (1, 1), (2, 2), (64, 8))
    return task(backbone, hub.ImageClassifier)


@case("vgg_backbone/block2_pool")
def vgg_flatten():
    backbone = hub.VGGBackbone([1, 2], [8, 12], image_shape=(24, 20, 3))
    return task(backbone, hub.VGGImageClassifier, pooling="flatten", pooling_hidden_dim=8)


@case("head/fc2", (36, 32, 3))
def vgg_average():
    backbone = hub.VGGBackbone([2, 1], [6, 8], image_shape=(36, 32, 3))
    return task(backbone, hub.VGGImageClassifier, pooling_hidden_dim=8, activation="softmax")


@case("dense_net_backbone/relu", (40, 36, 3))
def densenet():
    backbone = hub.DenseNetBackbone([2, 1, 2], growth_rate=4, image_shape=(40, 36, 3))
    return task(backbone, hub.DenseNetImageClassifier)


@case("dense_net_backbone/relu")
def densenet_uncompressed():
    return task(hub.DenseNetBackbone([1, 2], growth_rate=6, compression_ratio=0.25), hub.DenseNetImageClassifier)


@case("xception_backbone/block4_sepconv2_act", (36, 33, 3))
def xception():
    backbone = hub.XceptionBackbone([[8, 12], [16, 16], [16, 16], [24, 24]], [False, True, False, False], image_shape=(36, 33, 3))
    return task(backbone, hub.XceptionImageClassifier)


@case("xception_backbone/block5_sepconv1_act", (40, 40, 3))
def xception_deep():
    filters = [[8], [12, 12], [12, 12, 12], [12, 20], [16]]
    return task(hub.XceptionBackbone(filters, [False, True, False, True, False]), hub.XceptionImageClassifier)


@case("csp_net_backbone/stage_1_block_1_dark_block_add", (32, 28, 3))
def cspnet_dark():
    backbone = hub.CSPNetBackbone(
        8, 3, 1, [1, 2], [2, 2], [8, 12], "dark_block", stage_type="dark", bottle_ratio=[0.5], stem_padding="same",
        image_shape=(32, 28, 3))
    return task(backbone, hub.CSPNetImageClassifier)


@case("csp_net_backbone/stage_1_csp_transition_activation", (48, 48, 3))
def cspnet_csp():
    backbone = hub.CSPNetBackbone(
        [8, 16], 7, 4, [1, 2], [1, 2], [16, 24], "bottleneck_block", stage_type="csp", groups=2, activation="relu",
        bottle_ratio=[0.5], block_ratio=[0.5, 0.5], expand_ratio=[1.0, 1.0], stem_pooling="max", cross_linear=True,
        image_shape=(48, 48, 3))
    return task(backbone, hub.CSPNetImageClassifier)


@case("csp_net_backbone/stage_1_cs3_activation_3", (40, 40, 3))
def cspnet_cs3():
    backbone = hub.CSPNetBackbone(
        [8], 3, 2, [1, 1], [2, 2], [12, 16], "edge_block", stage_type="cs3", activation="silu", avg_down=True,
        block_ratio=[0.5], expand_ratio=[1.0], bottle_ratio=[0.5], image_shape=(40, 40, 3))
    return task(backbone, hub.CSPNetImageClassifier)


def efficientnet(**more):
    n = len(more["stackwise_kernel_sizes"])
    return hub.EfficientNetBackbone(
        stackwise_block_types=["v1"] * n, stackwise_force_input_filters=[0] * n, stackwise_nores_option=[False] * n, **more)


@case("efficient_net_backbone/top_activation", (32, 28, 3))
def efficientnet_v1():
    backbone = efficientnet(
        stackwise_kernel_sizes=[3, 5], stackwise_num_repeats=[1, 2], stackwise_input_filters=[8, 8],
        stackwise_output_filters=[8, 16], stackwise_expansion_ratios=[1, 4], stackwise_squeeze_and_excite_ratios=[0.25, 0.5],
        stackwise_strides=[1, 2], stackwise_width_coefficients=[1.0, 0.1], stackwise_depth_coefficients=[1.0, 1.0],
        input_shape=(32, 28, 3))
    return task(backbone, hub.EfficientNetImageClassifier)


@case("efficient_net_backbone/top_activation", (33, 33, 3))
def efficientnet_v1_lite():
    backbone = efficientnet(
        stackwise_kernel_sizes=[3, 3, 5], stackwise_num_repeats=[1, 2, 1], stackwise_input_filters=[8, 8, 12],
        stackwise_output_filters=[8, 12, 12], stackwise_expansion_ratios=[1, 2, 2],
        stackwise_squeeze_and_excite_ratios=[0, 0, 0.25], stackwise_strides=[2, 1, 2],
        stackwise_width_coefficients=[1.0, 1.0, 0.1], stackwise_depth_coefficients=[1.0, 1.1, 1.0], depth_divisor=4, min_depth=4,
        activation="relu", projection_activation="relu6", include_stem_padding=False, stem_conv_padding="same",
        cap_round_filter_decrease=True, use_depth_divisor_as_min_depth=True, batch_norm_epsilon=1e-3)
    return task(backbone, hub.EfficientNetImageClassifier)


@case("res_net_backbone/stack1_block1_out")
def layer_of_a_model():
    """A frozen backbone as a layer."""
    backbone = resnet()
    backbone.trainable = False
    inputs = keras.Input((24, 20, 3))
    x = layers.Rescaling(2.0)(inputs)
    x = layers.GlobalAveragePooling2D()(backbone(x, training=False))
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


@case("features/res_net_backbone/post_relu")
def nested_twice():
    backbone = resnet(use_pre_activation=True, image_shape=(24, 20, 3))
    inner = keras.Input((24, 20, 3))
    features = keras.Model(inner, layers.Dropout(0.2)(backbone(inner)), name="features")
    inputs = keras.Input((24, 20, 3))
    x = layers.GlobalMaxPooling2D()(features(inputs))
    return keras.Model(inputs, layers.Dense(3)(x))


@case("dense_net_backbone/relu", (40, 36, 3))
def sequential():
    backbone = hub.DenseNetBackbone([1, 1], growth_rate=4, image_shape=(40, 36, 3))
    return keras.Sequential(
        [keras.Input((40, 36, 3)), layers.Rescaling(2.0), backbone, layers.GlobalAveragePooling2D(), layers.Dense(3)])
