"""Networks of tokens."""

import keras_hub
from cases import case, task

hub = keras_hub.models


def vit(**more):
    settings = dict(image_shape=(16, 12, 3), patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=12)
    return hub.ViTBackbone(**{**settings, **more})


@case("vi_t_backbone/vit_encoder/encoder_layers/1/layer_norm_1", (16, 12, 3), named=True, grid=(4, 3))
def vit_token():
    return task(vit(), hub.ViTImageClassifier, intermediate_dim=6, dropout=0.1)


@case("vi_t_backbone/vit_encoder/layer_norm", (16, 12, 3), grid=(4, 2))
def vit_mean():
    backbone = vit(
        patch_size=(4, 6), num_heads=4, use_mha_bias=False, use_mlp_bias=False, use_class_token=False, use_patch_bias=False,
        layer_norm_epsilon=1e-3, dropout_rate=0.2, attention_dropout=0.1)
    return task(backbone, hub.ViTImageClassifier, pooling="gap", activation="softmax")
