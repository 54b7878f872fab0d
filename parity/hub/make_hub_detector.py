"""Makes core/src/test/resources/golden/hubdetector: a detector of KerasHub by itself, and what Keras computes with it.

Needs what make_hub.py needs:
    python parity/hub/make_hub_detector.py
model.keras as KerasHub saves it, x.npy of two images, each output under its key in single precision, and in double precision
gradients.npy: of the logit of class 1 of the query whose highest logit is the highest, of the images, mean over the colors.
"""

import keras
import numpy as np
import tensorflow as tf
from detectors import d_fine, hub
from make_hub import OUT, set_weights, smaller


def build():
    return hub.DFineObjectDetector(d_fine(num_queries=5), num_classes=3, bounding_box_format="xyxy")


def make(seed):
    folder = OUT.parent / "hubdetector"
    folder.mkdir(exist_ok=True)
    model = build()
    set_weights(model, seed)
    model.optimizer = None
    model.save(folder / "model.keras")
    smaller(folder / "model.keras")
    x = np.random.default_rng(seed + 1).integers(-16, 17, (2, 64, 64, 3)).astype("float32") / 16
    np.save(folder / "x.npy", x)
    for key, value in model(x, training=False).items():
        np.save(folder / f"{key}.npy", value.numpy())
    weights = model.get_weights()
    keras.utils.clear_session()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    double = build()
    double.set_weights(weights)
    pictures = tf.constant(x.astype("float64"))
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        logits = double(pictures, training=False)["logits"]
        best = tf.argmax(tf.reduce_max(logits, -1), 1)
        total = tf.reduce_sum(tf.gather(logits, best, batch_dims=1)[:, 1])
    np.save(folder / "gradients.npy", tape.gradient(total, pictures).numpy().mean(-1).astype("float32"))
    print(best.numpy(), tf.reduce_max(logits, -1).numpy(), sum(f.stat().st_size for f in folder.iterdir()))


if __name__ == "__main__":
    make(731)
