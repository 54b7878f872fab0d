"""D-FINE, whose queries look at a few places of each level."""

import keras
import keras_hub
from cases import case
from keras import layers

hub = keras_hub.models


def hgnet(**more):
    settings = dict(
        stem_channels=[3, 8, 8], stackwise_stage_filters=[[8, 8, 12, 1, 1, 3], [12, 8, 12, 1, 1, 3], [12, 8, 16, 1, 1, 3], [16, 8, 16, 1, 1, 3]],
        apply_downsample=[False, True, True, True], use_lightweight_conv_block=[False, False, True, True], depths=[1, 1, 1, 1],
        hidden_sizes=[12, 12, 16, 16], embedding_size=8, use_learnable_affine_block=True, hidden_act="relu",
        image_shape=(None, None, 3), out_features=["stage3", "stage4"])
    return hub.HGNetV2Backbone(**{**settings, **more})


def d_fine(**more):
    settings = dict(
        decoder_in_channels=[8, 8], encoder_hidden_dim=8, num_denoising=0, num_labels=3, hidden_dim=8, learn_initial_query=False,
        num_queries=6, anchor_image_size=(64, 64), feat_strides=[16, 32], num_feature_levels=2, encoder_in_channels=[16, 16],
        encode_proj_layers=[1], num_attention_heads=2, encoder_ffn_dim=12, num_encoder_layers=1, hidden_expansion=0.5,
        depth_multiplier=0.34, eval_idx=-1, num_decoder_layers=2, decoder_attention_heads=2, decoder_ffn_dim=12,
        decoder_n_points=[2, 3], lqe_hidden_dim=6, num_lqe_layers=2, out_features=["stage3", "stage4"], image_shape=(64, 64, 3), seed=0)
    return hub.DFineBackbone(**{"backbone": more.pop("backbone", None) or hgnet(), **settings, **more})


@case("d_fine_object_detector/d_fine_backbone/hybrid_encoder/pan_blocks/0", (64, 64, 3), named=True)
def d_fine_detector():
    detector = hub.DFineObjectDetector(d_fine(num_denoising=5, image_shape=(None, None, 3)), num_classes=3, name="d_fine_object_detector")
    inputs = keras.Input((64, 64, 3))
    found = detector(inputs)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(found[key]) for key in ("logits", "pred_boxes")])
    return keras.Model(inputs, layers.Dense(3)(x))


@case("d_fine_backbone/hybrid_encoder/pan_blocks/0", (64, 128, 3), named=True)
def d_fine_outputs():
    """Each of the outputs counts, those in tuples too."""
    backbone = d_fine(
        backbone=hgnet(out_features=None), hidden_dim=12, num_queries=5, anchor_image_size=(64, 128), feat_strides=[16, 32, 64, 128][:3],
        num_feature_levels=3, encode_proj_layers=[0, 1], num_encoder_layers=2, hidden_expansion=0.75, depth_multiplier=0.67,
        num_decoder_layers=3, eval_idx=1, decoder_attention_heads=3, decoder_n_points=2, decoder_method="discrete",
        learn_initial_query=True, image_shape=(64, 128, 3), label_noise_ratio=0.3, box_noise_scale=0.5, num_lqe_layers=1)
    inputs = keras.Input((64, 128, 3))
    found = backbone(inputs)
    x = layers.Concatenate()([layers.Flatten()(found) for found in keras.tree.flatten(found)])
    return keras.Model(inputs, layers.Dense(3)(x))
