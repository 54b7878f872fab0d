"""Networks of tokens."""

import keras
import keras_hub
from cases import case, task
from keras import layers

hub = keras_hub.models


def vit(**more):
    settings = dict(image_shape=(16, 12, 3), patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=12)
    return hub.ViTBackbone(**{**settings, **more})


@case("vi_t_backbone/vit_encoder/encoder_layers/1/layer_norm_1", (16, 12, 3), grid=(4, 3))
def vit_token():
    return task(vit(), hub.ViTImageClassifier, intermediate_dim=6, dropout=0.1)


@case("vi_t_backbone/vit_encoder/layer_norm", (16, 12, 3), grid=(4, 2))
def vit_mean():
    backbone = vit(
        patch_size=(4, 6), num_heads=4, use_mha_bias=False, use_mlp_bias=False, use_class_token=False, use_patch_bias=False,
        layer_norm_epsilon=1e-3, dropout_rate=0.2, attention_dropout=0.1)
    return task(backbone, hub.ViTImageClassifier, pooling="gap", activation="softmax")


def deit(**more):
    settings = dict(image_shape=(16, 12, 3), patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, intermediate_dim=12)
    return hub.DeiTBackbone(**{**settings, **more})


@case("dei_t_backbone/deit_encoder/encoder_layers/1/layer_norm_1", (16, 12, 3), grid=(4, 3))
def deit_token():
    return task(deit(), hub.DeiTImageClassifier)


@case("dei_t_backbone/deit_encoder/layer_norm", (16, 12, 3), grid=(4, 2))
def deit_mean():
    backbone = deit(patch_size=(4, 6), num_heads=4, use_mha_bias=False, layer_norm_epsilon=1e-3, dropout_rate=0.1)
    return task(backbone, hub.DeiTImageClassifier, pooling="gap", activation="softmax", dropout=0.2)


def dinov2(**more):
    settings = dict(
        patch_size=4, num_layers=2, hidden_dim=8, num_heads=2, intermediate_dim=12, image_shape=(16, 16, 3),
        position_embedding_shape=(16, 16, 3), name="dinov2_backbone")
    return hub.DINOV2Backbone(**{**settings, **more})


def with_head(backbone, pooling):
    inputs = keras.Input(backbone.input_shape["images"][1:] if isinstance(backbone.input_shape, dict) else backbone.input_shape[1:])
    x = backbone({"images": inputs})
    x = x[:, 0] if pooling == "token" else layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(3)(x))


@case("dinov2_backbone/dinov2_backbone_layernorm", (16, 16, 3), grid=(4, 4))
def dinov2_mean():
    return with_head(dinov2(), "mean")


@case("dinov2_backbone/dinov2_backbone_encoder/layers/1/norm1", (16, 16, 3), grid=(4, 4))
def dinov2_registers():
    backbone = dinov2(
        num_register_tokens=2, use_mask_token=False, use_swiglu_ffn=True, position_embedding_shape=(24, 24, 3), apply_layernorm=True,
        layer_scale_init_value=0.5, drop_path_rate=0.1)
    backbone.trainable = False
    return with_head(backbone, "token")


def swin(**more):
    settings = dict(image_shape=(32, 32, 3), embed_dim=8, depths=[2, 2], num_heads=[2, 2], window_size=4, patch_size=4, drop_path=0.1)
    return hub.SwinTransformerBackbone(**{**settings, **more})


@case("swin_transformer_backbone/norm", (32, 32, 3), grid=(4, 4))
def swin_shifted():
    return task(swin(), hub.SwinTransformerImageClassifier)


@case("swin_transformer_backbone/norm", (24, 16, 3), grid=(6, 4))
def swin_padded():
    backbone = swin(
        image_shape=(24, 16, 3), depths=[1, 1], num_heads=[1, 4], window_size=3, patch_size=2, mlp_ratio=2.0, qkv_bias=False,
        patch_norm=False)
    return task(backbone, hub.SwinTransformerImageClassifier, activation="softmax", dropout=0.1)


def vitdet(**more):
    settings = dict(
        hidden_size=8, num_layers=2, intermediate_dim=12, num_heads=2, global_attention_layer_indices=[1], image_shape=(24, 24, 3),
        patch_size=4, num_output_channels=8, window_size=4)
    return hub.ViTDetBackbone(**{**settings, **more})


@case("vi_t_det_backbone/windowed_transformer_encoder_1", (24, 24, 3), named=True)
def vitdet_classifier():
    return task(vitdet(), hub.ImageClassifier)


@case("vi_t_det_backbone/windowed_transformer_encoder_1", (24, 24, 3), named=True)
def vitdet_plain():
    backbone = vitdet(use_bias=False, use_abs_pos=False, use_rel_pos=False, window_size=3, global_attention_layer_indices=[0])
    inputs = keras.Input((24, 24, 3))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalMaxPooling2D()(backbone(inputs))))


def dinov3(**more):
    settings = dict(
        patch_size=4, num_layers=2, hidden_dim=16, num_heads=2, intermediate_dim=12, image_shape=(16, 16, 3), name="dinov3_backbone")
    return hub.DINOV3Backbone(**{**settings, **more})


def dinov3_head(backbone, pooling):
    inputs = keras.Input(backbone.image_shape)
    x = backbone({"pixel_values": inputs})
    x = x[:, 0] if pooling == "token" else layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(3)(x))


@case("dinov3_backbone/dinov3_backbone_layernorm", (16, 16, 3), grid=(4, 4))
def dinov3_mean():
    return dinov3_head(dinov3(), "mean")


@case("dinov3_backbone/dinov3_backbone_encoder/layers/1/norm1", (14, 20, 3), grid=(3, 5))
def dinov3_gated():
    backbone = dinov3(
        num_register_tokens=0, use_mask_token=False, use_gated_mlp=True, hidden_activation="silu", image_shape=(14, 20, 3),
        use_query_bias=False, use_key_bias=False, use_value_bias=False, use_proj_bias=False, use_mlp_bias=False, rope_theta=50.0,
        layer_norm_eps=1e-4, layer_scale_init_value=0.5, num_heads=4, drop_path_rate=0.1, attention_dropout=0.1, apply_layernorm=True)
    return dinov3_head(backbone, "token")


def sam(**more):
    encoder = vitdet(image_shape=(32, 32, 3), **more)
    prompts = keras_hub.layers.SAMPromptEncoder(
        hidden_size=8, image_embedding_size=(8, 8), input_image_size=(32, 32), mask_in_channels=4)
    masks = keras_hub.layers.SAMMaskDecoder(
        num_layers=1, hidden_size=8, intermediate_dim=12, num_heads=2, embedding_dim=8, num_multimask_outputs=3, iou_head_depth=2,
        iou_head_hidden_dim=8)
    return hub.SAMBackbone(image_encoder=encoder, prompt_encoder=prompts, mask_decoder=masks)


def embeddings(model, x):
    """What SAM makes of pictures, which no prompt changes."""
    model = getattr(model, "backbone", model)
    shapes = {"points": (2, 1, 2), "labels": (2, 1), "boxes": (2, 0, 2, 2), "masks": (2, 0, 32, 32, 1)}
    prompts = {key: keras.ops.zeros(shape) for key, shape in shapes.items()}
    x = keras.ops.convert_to_tensor(x)
    return model({"images": x, **prompts}, training=False)["image_embeddings"]


@case("windowed_transformer_encoder_1", (32, 32, 3), named=True, call=embeddings)
def sam_encoder():
    return sam()


@case("sam_backbone/windowed_transformer_encoder_1", (32, 32, 3), named=True, call=embeddings)
def sam_segmenter():
    return hub.SAMImageSegmenter(sam(window_size=3, use_rel_pos=False))
