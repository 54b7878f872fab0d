"""Networks of convolutions whose blocks are layers."""

import keras
import keras_hub
from cases import case, task
from keras import layers

hub = keras_hub.models


@case("mobile_net_backbone/block_3_0/activation_layer", (32, 28, 3))
def mobilenet():
    backbone = hub.MobileNetBackbone(
        stackwise_expansion=[[40, 56], [64]], stackwise_num_blocks=[2, 1], stackwise_num_filters=[[16, 16], [24]],
        stackwise_kernel_size=[[3, 5], [3]], stackwise_num_strides=[[2, 1], [1]], stackwise_se_ratio=[[None, 0.25], [0.5]],
        stackwise_activation=[["relu", "hard_swish"], ["hard_swish"]], stackwise_padding=[[1, 2], [1]], output_num_filters=32,
        depthwise_filters=8, depthwise_stride=1, depthwise_residual=False, last_layer_filter=32, squeeze_and_excite=0.5,
        input_num_filters=8, image_shape=(32, 28, 3))
    return task(backbone, hub.MobileNetImageClassifier, num_features=24)


@case("mobile_net_backbone/block_2_0/activation_layer", (33, 33, 3))
def mobilenet_residual():
    backbone = hub.MobileNetBackbone(
        stackwise_expansion=[[40]], stackwise_num_blocks=[1], stackwise_num_filters=[[16]], stackwise_kernel_size=[[3]],
        stackwise_num_strides=[[2]], stackwise_se_ratio=[[0.25]], stackwise_activation=[["relu6"]], stackwise_padding=[[1]],
        output_num_filters=32, depthwise_filters=16, depthwise_stride=1, depthwise_residual=True, last_layer_filter=20,
        input_num_filters=16, input_activation="relu")
    inputs = keras.Input((33, 33, 3))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(backbone(inputs))))


def efficientnet(types, **more):
    n = len(types)
    settings = dict(
        stackwise_kernel_sizes=[3] * n, stackwise_num_repeats=[2] * n, stackwise_input_filters=[8] * n,
        stackwise_output_filters=[8] * n, stackwise_expansion_ratios=[1, 2, 2][:n],
        stackwise_squeeze_and_excite_ratios=[0, 0.25, 0.5][:n], stackwise_strides=[1, 2, 1][:n],
        stackwise_width_coefficients=[1.0] * (n - 1) + [0.1], stackwise_depth_coefficients=[1.0] * n,
        stackwise_block_types=types, stackwise_force_input_filters=[0] * n, stackwise_nores_option=[False] * n,
        batch_norm_epsilon=1e-3)
    return hub.EfficientNetBackbone(**{**settings, **more})


@case("efficient_net_backbone/top_activation", (32, 28, 3))
def efficientnet_v2():
    backbone = efficientnet(["fused", "fused", "unfused"], projection_activation="relu", input_shape=(32, 28, 3))
    return task(backbone, hub.EfficientNetImageClassifier)


@case("efficient_net_backbone/top_activation", (32, 32, 3))
def efficientnet_mixed():
    backbone = efficientnet(
        ["cba", "unfused", "v1"], stackwise_kernel_sizes=[3, 5, 3], stackwise_expansion_ratios=[1, 1, 2], activation="relu",
        stackwise_force_input_filters=[0, 0, 8], input_shape=(32, 32, 3), dropout=0)
    return task(backbone, hub.EfficientNetImageClassifier, pooling="max", activation="softmax")


def hgnet(**more):
    settings = dict(
        depths=[1, 2], embedding_size=8, hidden_sizes=[16, 24], stem_channels=[3, 8, 8], hidden_act="relu",
        use_learnable_affine_block=False, apply_downsample=[False, True], use_lightweight_conv_block=[False, True],
        stackwise_stage_filters=[[8, 6, 16, 1, 2, 3], [16, 8, 24, 2, 1, 5]], image_shape=(32, 28, 3))
    return hub.HGNetV2Backbone(**{**settings, **more})


@case("head_last/activation_layer", (32, 28, 3))
def hgnetv2():
    return task(hgnet(), hub.HGNetV2ImageClassifier, preprocessor=None)


@case("head_last/lab", (32, 32, 3))
def hgnetv2_affine():
    backbone = hgnet(
        use_learnable_affine_block=True, hidden_act="gelu", apply_downsample=[True, False], image_shape=(32, 32, 3),
        out_features=["stage1", "stage2"])
    return task(backbone, hub.HGNetV2ImageClassifier, preprocessor=None, pooling="max", head_filters=12, activation="softmax")


def mit(**more):
    settings = dict(
        layerwise_depths=[1, 2], num_layers=2, layerwise_num_heads=[1, 2], layerwise_sr_ratios=[2, 1], max_drop_path_rate=0.1,
        layerwise_patch_sizes=[7, 3], layerwise_strides=[4, 2], image_shape=(32, 32, 3), hidden_dims=[8, 12])
    return hub.MiTBackbone(**{**settings, **more})


@case("mi_t_backbone/output_level_1", (32, 32, 3))
def mit_classifier():
    return task(mit(), hub.MiTImageClassifier)


@case("mi_t_backbone/output_level_2", (48, 48, 3))
def mit_three():
    backbone = mit(
        layerwise_depths=[1, 1, 1], num_layers=3, layerwise_num_heads=[2, 1, 3], layerwise_sr_ratios=[4, 2, 1],
        layerwise_patch_sizes=[3, 3, 3], layerwise_strides=[2, 2, 2], hidden_dims=[8, 8, 12], image_shape=(48, 48, 3))
    return task(backbone, hub.MiTImageClassifier, pooling="max", activation="softmax", dropout=0.2)


@case("seg_former_backbone/sequential/activation", (32, 32, 3))
def segformer():
    return task(hub.SegFormerBackbone(image_encoder=mit(), projection_filters=8), hub.SegFormerImageSegmenter)


def resnet(**more):
    settings = dict(
        input_conv_filters=[8], input_conv_kernel_sizes=[3], stackwise_num_filters=[64, 8, 12], stackwise_num_blocks=[1, 1, 1],
        stackwise_num_strides=[1, 2, 2], block_type="basic_block_vd")
    return hub.ResNetBackbone(**{**settings, **more})


@case("deep_lab_v3_backbone/backbone_output_upsampling", (32, 32, 3))
def deeplab():
    backbone = hub.DeepLabV3Backbone(
        image_encoder=resnet(), spatial_pyramid_pooling_key="P4", low_level_feature_key="P2", upsampling_size=4,
        dilation_rates=[2, 3], projection_filters=8, image_shape=(32, 32, 3))
    return task(backbone, hub.DeepLabV3ImageSegmenter)


@case("deep_lab_v3_backbone/segmentation_head_relu", (32, 32, 3))
def deeplab_plain():
    backbone = hub.DeepLabV3Backbone(
        image_encoder=resnet(block_type="bottleneck_block_vd"), spatial_pyramid_pooling_key="P3",
        upsampling_size=8, dilation_rates=[1], image_shape=(32, 32, 3))
    return task(backbone, hub.DeepLabV3ImageSegmenter, activation="relu")


def retinanet(**more):
    encoder = resnet(
        stackwise_num_filters=[64, 8, 12, 12], stackwise_num_blocks=[1] * 4, stackwise_num_strides=[1, 2, 2, 2])
    return hub.RetinaNetBackbone(**{
        **dict(image_encoder=encoder, min_level=3, max_level=7, use_p5=False, image_shape=(64, 64, 3)), **more})


@case("retina_net_backbone/fpn/output_conv_layers/P4", (64, 64, 3), named=True)
def retinanet_features():
    inputs = keras.Input((64, 64, 3))
    levels = retinanet(use_p5=True, min_level=4)(inputs)
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(levels[key]) for key in ("P4", "P5", "P6", "P7")])
    return keras.Model(inputs, layers.Dense(3)(x))


@case("retina_net_object_detector/retina_net_backbone/fpn/output_conv_layers/P5", (64, 64, 3), named=True)
def retinanet_detector():
    detector = hub.RetinaNetObjectDetector(
        backbone=retinanet(min_level=5, max_level=6, use_fpn_batch_norm=True), num_classes=3, pre_logits_num_conv_layers=1,
        use_prediction_head_norm=True, name="retina_net_object_detector")
    inputs = keras.Input((64, 64, 3))
    return keras.Model(inputs, layers.GlobalAveragePooling1D()(detector(inputs)["cls_logits"]))


def mobilenetv5(*blocks, **more):
    """Stages of blocks, each a dictionary; what a block does not name is 0."""
    names = dict(
        block_types="type", num_filters="filters", strides="stride", act_layers="act", exp_ratios="ratio", se_ratios="se",
        dw_kernel_sizes="middle", dw_start_kernel_sizes="start", dw_end_kernel_sizes="end", exp_kernel_sizes="kernel",
        pw_kernel_sizes="pointwise", num_heads="heads", key_dims="key", value_dims="value", kv_strides="kv", use_cpe="cpe")
    usual = dict(act="relu", stride=1, ratio=2.0, pointwise=1, kv=1, cpe=False)
    settings = {f"stackwise_{key}": [[block.get(name, usual.get(name, 0)) for block in stage] for stage in blocks]
                for key, name in names.items()}
    return hub.MobileNetV5Backbone(**{**settings, **dict(stackwise_num_blocks=[len(stage) for stage in blocks], stem_size=8), **more})


EDGE = dict(type="er", filters=16, stride=2, kernel=3)
UNIVERSAL = dict(type="uir", filters=16, stride=2, start=5, middle=3)


@case("mobile_net_v5_backbone/msfa", (48, 40, 3), named=True)
def mobilenetv5_joined():
    attention = dict(type="mqa", filters=16, heads=2, key=4, value=6, kv=2, cpe=True)
    backbone = mobilenetv5(
        [EDGE, {**EDGE, "stride": 1, "act": "gelu"}], [UNIVERSAL, {**UNIVERSAL, "stride": 1, "end": 3}],
        [{**UNIVERSAL, "filters": 24, "middle": 0}, {**attention, "filters": 24}], num_features=20, msfa_output_resolution=(3, 4),
        layer_scale_init_value=0.5, image_shape=(48, 40, 3), msfa_indices=(-3, -1), drop_path_rate=0.1)
    return task(backbone, hub.MobileNetV5ImageClassifier, global_pool="avgmax", drop_rate=0.1)


@case("mobile_net_v5_backbone/universal_inverted_residual_3", (64, 64, 3), named=True)
def mobilenetv5_batch():
    """So many strides that the last of them become dilations."""
    attention = dict(type="mqa", filters=16, heads=4, key=0, value=0)
    backbone = mobilenetv5(
        [EDGE, {**EDGE, "stride": 1}], [dict(type="uir", filters=16, stride=2, end=3)],
        [dict(type="er", filters=16, stride=2, kernel=5, pointwise=3)], [{**UNIVERSAL, "act": "silu"}],
        [{**UNIVERSAL, "start": 0}], [{**UNIVERSAL, "middle": 5}, attention], use_msfa=False, norm_layer="batch_norm",
        act_layer="relu", stem_bias=False, stem_size=12, fix_stem=True, image_shape=(64, 64, 3))
    inputs = keras.Input((64, 64, 3))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(backbone(inputs))))


@case("conv_head/act", (32, 32, 3), named=True)
def mobilenetv5_plain():
    backbone = mobilenetv5([EDGE], [UNIVERSAL], use_msfa=False, act_layer="silu")
    return task(backbone, hub.MobileNetV5ImageClassifier, global_pool="catavgmax", head_hidden_size=12)


@case("mobile_net_v5_backbone/universal_inverted_residual", (65, 81, 3), named=True)
def mobilenetv5_pooled():
    backbone = mobilenetv5(
        [EDGE], [UNIVERSAL], num_features=16, msfa_output_resolution=(5, 6), pad_type="valid",
        image_shape=(65, 81, 3), layer_scale_init_value=None, msfa_indices=(0, 2))
    return task(backbone, hub.MobileNetV5ImageClassifier, global_pool="max")


@case("seg_former_backbone/sequential/activation", (48, 48, 3))
def segformer_three():
    encoder = mit(
        layerwise_depths=[1, 1, 1], num_layers=3, layerwise_num_heads=[1, 2, 2], layerwise_sr_ratios=[4, 2, 1],
        layerwise_patch_sizes=[3, 3, 3], layerwise_strides=[2, 2, 2], hidden_dims=[8, 10, 12], image_shape=(48, 48, 3))
    return task(hub.SegFormerBackbone(image_encoder=encoder, projection_filters=6), hub.SegFormerImageSegmenter)


@case("retina_net_object_detector/retina_net_backbone/fpn/output_conv_layers/P4", (64, 96, 3), named=True)
def retinanet_wide():
    detector = hub.RetinaNetObjectDetector(
        backbone=retinanet(min_level=4, max_level=5, image_shape=(64, 96, 3)), num_classes=2, pre_logits_num_conv_layers=2,
        name="retina_net_object_detector")
    inputs = keras.Input((64, 96, 3))
    found = detector(inputs)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(found[key]) for key in ("bbox_regression", "cls_logits")])
    return keras.Model(inputs, layers.Dense(3)(x))


@case("retina_net_backbone/fpn/output_conv_layers/P4", (64, 96, 3), named=True)
def retinanet_densenet():
    encoder = hub.DenseNetBackbone([1, 1, 1, 1], growth_rate=4)
    backbone = hub.RetinaNetBackbone(image_encoder=encoder, min_level=4, max_level=5, use_p5=False, image_shape=(64, 96, 3))
    inputs = keras.Input((64, 96, 3))
    levels = backbone(inputs)
    x = layers.Concatenate()([layers.GlobalAveragePooling2D()(levels[key]) for key in ("P4", "P5")])
    return keras.Model(inputs, layers.Dense(3)(x))


@case("deep_lab_v3_backbone/spatial_pyramid_pooling/projection", (64, 48, 3), named=True)
def deeplab_cspnet():
    encoder = hub.CSPNetBackbone(8, 3, 2, [1, 1], [1, 2], [8, 12], "dark_block", stage_type="dark", bottle_ratio=[0.5], image_shape=(64, 48, 3))
    backbone = hub.DeepLabV3Backbone(
        encoder, spatial_pyramid_pooling_key="P3", upsampling_size=2, dilation_rates=[2], low_level_feature_key="P2", projection_filters=6,
        image_shape=(64, 48, 3))
    return task(backbone, hub.DeepLabV3ImageSegmenter)
