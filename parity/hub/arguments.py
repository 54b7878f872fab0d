"""Arguments that change what is computed, where no other case has them."""

import keras_hub
from blocks import EDGE, efficientnet, mobilenetv5
from cases import case, task
from tokens import dinov2, swin, vitdet, with_head

hub = keras_hub.models


@case("csp_net_backbone/stage_1_csp_transition_activation", (36, 28, 3))
def cspnet_grown():
    """Channels grow where the picture shrinks, and the coarsest stride is just reached."""
    backbone = hub.CSPNetBackbone(
        8, 3, 2, [1, 1], [2, 2], [12, 16], "dark_block", stage_type="csp", down_growth=True, output_strides=8, block_ratio=[0.5],
        bottle_ratio=[0.5], activation="elu", image_shape=(36, 28, 3))
    return task(backbone, hub.CSPNetImageClassifier, pooling="max", activation="sigmoid")


@case("csp_net_backbone/stage_1_cs3_activation_3", (36, 28, 3))
def cspnet_averaged():
    backbone = hub.CSPNetBackbone(
        8, 3, 1, [1, 1], [1, 3], [8, 12], "bottleneck_block", stage_type="cs3", down_growth=True, avg_down=True, output_strides=16,
        block_ratio=0.5, bottle_ratio=0.5, activation="silu", image_shape=(36, 28, 3))
    return task(backbone, hub.ImageClassifier, pooling="max", activation="tanh")


@case("efficient_net_backbone/top_activation", (32, 28, 3))
def efficientnet_nores():
    """The file does not say which stacks have no shortcut: the model that is loaded has all."""
    backbone = efficientnet(
        ["fused", "cba", "unfused"], stackwise_nores_option=[True] * 3, stackwise_force_input_filters=[8, 0, 8],
        stackwise_squeeze_and_excite_ratios=[0.5, 0, 1.0], stackwise_depth_coefficients=[1.2, 1.0, 0.5],
        projection_activation="tanh", activation="elu", input_shape=(32, 28, 3))
    config = {key: value for key, value in backbone.get_config().items() if key != "dtype"}
    backbone = hub.EfficientNetBackbone.from_config(config)
    return task(backbone, hub.EfficientNetImageClassifier, activation="sigmoid")


@case("mobile_net_backbone/block_2_0/activation_layer", (32, 28, 3))
def mobilenet_output():
    """KerasHub takes output_activation and output_num_filters, and uses neither."""
    backbone = hub.MobileNetBackbone(
        stackwise_expansion=[[20]], stackwise_num_blocks=[1], stackwise_num_filters=[[17]], stackwise_kernel_size=[[5]],
        stackwise_num_strides=[[1]], stackwise_se_ratio=[[None]], stackwise_activation=[["silu"]], stackwise_padding=[[2]],
        output_num_filters=8, depthwise_filters=12, depthwise_stride=2, depthwise_residual=False, last_layer_filter=20,
        input_num_filters=8, input_activation="gelu", output_activation="tanh", image_shape=(32, 28, 3))
    return task(backbone, hub.MobileNetImageClassifier, num_features=12)


@case("conv_head/act", (32, 32, 3), named=True)
def mobilenetv5_edges():
    """No block has a layer scale; filters and se_from_exp are taken and not used."""
    backbone = mobilenetv5(
        [EDGE, {**EDGE, "act": None, "pointwise": 3, "ratio": 1.5}], use_msfa=False, act_layer="silu", filters=5, se_from_exp=False,
        layer_scale_init_value=0.5, image_shape=(32, 32, 3))
    return task(backbone, hub.MobileNetV5ImageClassifier, global_pool="avgmax", head_hidden_size=12)


@case("mobile_net_v5_backbone/universal_inverted_residual", (32, 32, 3), named=True)
def mobilenetv5_pointwise():
    """A block without a depthwise convolution."""
    backbone = mobilenetv5(
        [EDGE], [dict(type="uir", filters=16, act="gelu")], use_msfa=False, image_shape=(32, 32, 3))
    return task(backbone, hub.MobileNetV5ImageClassifier, global_pool="avg", head_hidden_size=8)


@case("vi_t_det_backbone/windowed_transformer_encoder_1", (20, 20, 3), named=True)
def vitdet_epsilon():
    """KerasHub takes layer_norm_epsilon, and does not hand it on."""
    return task(vitdet(layer_norm_epsilon=0.1, image_shape=(20, 20, 3)), hub.ImageClassifier, pooling="max", activation="tanh")


@case("dinov2_backbone/dinov2_backbone_layernorm", (16, 16, 3), grid=(4, 4))
def dinov2_antialias():
    return with_head(dinov2(position_embedding_shape=(32, 32, 3), antialias_in_interpolation=True), "mean")


@case("dense_net_backbone/relu")
def densenet_max():
    return task(hub.DenseNetBackbone([1], growth_rate=3, compression_ratio=1.0), hub.DenseNetImageClassifier, pooling="max", activation="sigmoid")


@case("xception_backbone/block2_sepconv2_act", (36, 33, 3))
def xception_max():
    backbone = hub.XceptionBackbone([[8, 12], [16, 12]], [True, False], image_shape=(36, 33, 3))
    return task(backbone, hub.XceptionImageClassifier, pooling="max", activation="softmax", dropout=0.1)


@case("swin_transformer_backbone/norm", (20, 28, 3), grid=(5, 7))
def swin_margin():
    """Windows that move and reach over the edge of the picture."""
    backbone = swin(
        image_shape=(20, 28, 3), embed_dim=4, depths=[2, 2], num_heads=[1, 2], window_size=4, patch_size=2, mlp_ratio=1.5, dropout_rate=0.1)
    return task(backbone, hub.SwinTransformerImageClassifier, activation="sigmoid")
