"""Preprocessing and augmentation. See golden.py for what the functions do and for the packages needed."""

from golden import KERAS3, L, case, chain, integers, uniform, variants

BOTH = ("h5", "keras")
variants("rescaling", L.Rescaling, (4, 3), {
    "plain": dict(scale=1 / 127.5, offset=-1.0),
    "scale_only": dict(scale=0.25),
    "per_channel": dict(scale=[0.5, 2.0, 1.5], offset=[0.1, -0.2, 0.3]),
})
case("rescaling_of_image_net", "Rescaling", lambda: chain(
    (4, 5, 3), L.Rescaling(1 / 255.0), L.Normalization(mean=[0.485, 0.456, 0.406], variance=[0.229**2, 0.224**2, 0.225**2])),
    inputs=(uniform((2, 4, 5, 3), 0, 255),), formats=BOTH)

SMOOTH = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
variants("resizing", L.Resizing, (5, 6, 2), {
    **{f"{name}_down": dict(height=3, width=4, interpolation=name) for name in SMOOTH},
    **{f"{name}_up": dict(height=8, width=9, interpolation=name) for name in SMOOTH},
    "up_and_down": dict(height=9, width=3),
    "same_size": dict(height=5, width=6),
    "whole_multiple": dict(height=10, width=12),
    "crop": dict(height=4, width=3, crop_to_aspect_ratio=True),
    "crop_up": dict(height=8, width=12, crop_to_aspect_ratio=True),
    "pad": dict(height=4, width=3, pad_to_aspect_ratio=True, fill_value=0.5, _only=3),
    "pad_filled": dict(height=4, width=3, pad_to_aspect_ratio=True, interpolation="nearest", fill_value=-1e9, _only=3),
    "pad_wide": dict(height=6, width=12, pad_to_aspect_ratio=True, _only=3),
    "antialias": dict(height=3, width=4, antialias=True, _only=3),
    "antialias_bicubic": dict(height=2, width=3, interpolation="bicubic", antialias=True, _only=3),
    "gaussian_up": dict(height=8, width=9, interpolation="gaussian", _only=2),
    "gaussian_down": dict(height=3, width=4, interpolation="gaussian", _only=2),
    "mitchellcubic_up": dict(height=8, width=9, interpolation="mitchellcubic", _only=2),
    "mitchellcubic_down": dict(height=3, width=4, interpolation="mitchellcubic", _only=2),
    "channels_first": dict(height=3, width=8, data_format="channels_first", _shape=(2, 5, 6), _only=3),
}, group=6)
for index, name in enumerate(("up", "down", "mixed")):
    size = dict(up=(8, 9), down=(3, 4), mixed=(7, 3))[name]
    case(f"resizing_area_{name}", "Resizing", lambda s=size: chain((5, 6, 2), L.Resizing(*s, interpolation="area")),
         gradients=False, only=2, notes="TensorFlow has no gradient of ResizeArea.")
case("up_sampling2d_area", "UpSampling2D", lambda: chain((3, 4, 2), L.UpSampling2D(2, interpolation="area")), gradients=False, only=2,
     notes="TensorFlow has no gradient of ResizeArea.")
variants("center_crop", L.CenterCrop, (7, 6, 2), {
    "even": dict(height=4, width=4),
    "odd": dict(height=3, width=5),
    "same": dict(height=7, width=6),
    "larger": dict(height=10, width=9),
    "higher_only": dict(height=9, width=4),
    "channels_first": dict(height=4, width=3, data_format="channels_first", _shape=(2, 7, 6), _only=3),
}, group=6)

# Augmentation: at inference most hand on their input, whatever its values.
AUGMENTATIONS = {
    "RandomBrightness": dict(factor=0.2), "RandomContrast": dict(factor=0.2), "RandomCrop": dict(height=4, width=3),
    "RandomFlip": dict(mode="horizontal"), "RandomRotation": dict(factor=0.2),
    "RandomTranslation": dict(height_factor=0.2, width_factor=0.1), "RandomZoom": dict(height_factor=0.2),
    "RandomHeight": dict(factor=0.2), "RandomWidth": dict(factor=0.2),
    "AugMix": dict(), "CutMix": dict(), "MixUp": dict(), "RandAugment": dict(), "RandomColorDegeneration": dict(factor=0.2),
    "RandomColorJitter": dict(), "RandomElasticTransform": dict(), "RandomErasing": dict(), "RandomGaussianBlur": dict(),
    "RandomGrayscale": dict(), "RandomHue": dict(factor=0.2), "RandomInvert": dict(), "RandomPerspective": dict(),
    "RandomPosterization": dict(factor=4), "RandomSaturation": dict(factor=0.2), "RandomSharpness": dict(factor=0.2),
    "RandomShear": dict(), "Solarization": dict(),
}
for name, options in AUGMENTATIONS.items():
    if hasattr(L, name):
        snake = "".join("_" + c.lower() if c.isupper() else c for c in name).strip("_")
        case(snake, name, lambda n=name, o=options: chain((6, 5, 3), getattr(L, n)(**o)), formats=("keras",) if KERAS3 else BOTH)
if not KERAS3:
    case("random_crop_odd", "RandomCrop", lambda: chain((7, 6, 2), L.RandomCrop(4, 5)), formats=("h5",))
    case("random_crop_larger", "RandomCrop", lambda: chain((7, 6, 2), L.RandomCrop(9, 10)), formats=("h5",))
    RFF = {"RandomFourierFeatures": L.RandomFourierFeatures}
    case("random_fourier_features_gaussian", "RandomFourierFeatures", lambda: chain((5,), L.RandomFourierFeatures(
        4, scale=2.0, kernel_initializer="gaussian")), formats=BOTH, custom_objects=RFF)
    case("random_fourier_features_laplacian", "RandomFourierFeatures", lambda: chain((5,), L.RandomFourierFeatures(
        4, kernel_initializer="laplacian")), formats=BOTH, custom_objects=RFF)

PIXELS = (uniform((2, 8, 7, 3), 0, 255),)
if KERAS3:
    case("auto_contrast", "AutoContrast", lambda: chain((8, 7, 3), L.AutoContrast()), inputs=PIXELS, gradients=False,
         notes="Active at inference. It rounds, so there is no gradient.")
    case("auto_contrast_unit_range", "AutoContrast", lambda: chain((8, 7, 3), L.AutoContrast(value_range=(0, 1))),
         inputs=(uniform((2, 8, 7, 3)),), gradients=False)
    case("pipeline", "Pipeline", lambda: chain((6, 5, 3), L.Pipeline([L.Rescaling(0.5), L.CenterCrop(4, 4), L.RandomFlip()])))
    case("stft_spectrogram_magnitude", "STFTSpectrogram", lambda: chain(
        (40, 1), L.STFTSpectrogram("magnitude", frame_length=8, frame_step=4, fft_length=16)))
    case("stft_spectrogram_log_padded", "STFTSpectrogram", lambda: chain((40, 1), L.STFTSpectrogram(
        "log", frame_length=8, frame_step=4, fft_length=16, padding="same", window="hamming")), tolerance=1e-4,
         reason="the logarithm of small magnitudes")
    case("stft_spectrogram_real_channels", "STFTSpectrogram", lambda: chain((40, 2), L.STFTSpectrogram(
        "real", frame_length=8, frame_step=4, fft_length=8, expand_dims=True)))
    for mode in ("psd", "imag", "stft"):
        case(f"stft_spectrogram_{mode}", "STFTSpectrogram", lambda m=mode: chain((40, 2), L.STFTSpectrogram(
            m, frame_length=8, frame_step=3, fft_length=16, scaling="spectrum", periodic=True)))
    case("stft_spectrogram_angle", "STFTSpectrogram", lambda: chain((40, 1), L.STFTSpectrogram(
        "angle", frame_length=8, frame_step=4, fft_length=8)), gradients=False, notes="No gradient: angles of small numbers.")
    case("mel_spectrogram_magnitudes", "MelSpectrogram", lambda: chain((64,), L.MelSpectrogram(
        fft_length=32, sequence_length=24, sequence_stride=10, num_mel_bins=5, sampling_rate=8000, min_freq=100, max_freq=3000,
        window="hamming", power_to_db=False, mag_exp=1.5)))
    case("mel_spectrogram", "MelSpectrogram", lambda: chain((64,), L.MelSpectrogram(
        fft_length=16, sequence_stride=8, num_mel_bins=4, sampling_rate=16, min_freq=1, max_freq=8)), tolerance=1e-4,
         reason="decibels of small powers")

# Integers and categories.
case("discretization_boundaries", "Discretization", lambda: chain((4,), L.Discretization(bin_boundaries=[-1.0, 0.0, 0.5, 1.5])),
     formats=BOTH, gradients=False)
case("discretization_one_hot", "Discretization", lambda: chain(
    (1,), L.Discretization(bin_boundaries=[-0.5, 0.5], output_mode="one_hot")), gradients=False)
case("category_encoding_one_hot", "CategoryEncoding", lambda: chain(
    (1,), L.CategoryEncoding(num_tokens=5, output_mode="one_hot"), dtype="int32"), inputs=(integers((2, 1), 5),), formats=BOTH)
case("category_encoding_multi_hot", "CategoryEncoding", lambda: chain(
    (3,), L.CategoryEncoding(num_tokens=5, output_mode="multi_hot"), dtype="int32"), inputs=(integers((2, 3), 5),), formats=BOTH)
case("category_encoding_count", "CategoryEncoding", lambda: chain(
    (3,), L.CategoryEncoding(num_tokens=5, output_mode="count"), L.Dense(2), dtype="int32"),
    inputs=(lambda rng: [[1, 1, 4], [0, 2, 0]],))
case("integer_lookup", "IntegerLookup", lambda: chain(
    (4,), L.IntegerLookup(vocabulary=[12, 36, 1138, 42]), L.Embedding(6, 2), dtype="int64"),
    inputs=(lambda rng: [[12, 42, 7, 36], [1138, 12, 12, 0]],))
