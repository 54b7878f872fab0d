"""What a Python user runs for one Grad-CAM: reads a model and a photo, writes the photo with its map over it.

Needs tensorflow (Keras 3) and pillow; compare installs them.

    coldstart.py MODEL PHOTO OUT LAYER
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from PIL import Image  # noqa: E402

path, photo, out, layer = sys.argv[1:]
model = keras.models.load_model(path, compile=False)
model.layers[-1].activation = keras.activations.linear
size = model.input_shape[1:3]
picture = Image.open(photo).convert("RGB")
x = np.asarray(picture.resize(size[::-1], Image.BILINEAR), np.float32)[None] / 127.5 - 1
both = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
with tf.GradientTape() as tape:
    activation, logits = both(x, training=False)
    score = tf.reduce_max(logits, axis=1)
weights = tf.reduce_mean(tape.gradient(score, activation), axis=(1, 2))
cam = tf.nn.relu(tf.einsum("bhwc,bc->bhw", activation, weights))[0].numpy()
cam = Image.fromarray(np.uint8(255 * cam / max(cam.max(), 1e-9))).resize(picture.size, Image.BILINEAR)
heat = Image.merge("RGB", (cam, Image.new("L", picture.size), Image.new("L", picture.size)))
Image.blend(picture, heat, 0.5).save(out)
