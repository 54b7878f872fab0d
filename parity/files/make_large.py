"""Writes ResNet50V2 with random weights (102 MB) as a .keras archive and as HDF5.

Usage: python make_large.py FOLDER        writes FOLDER/resnet50v2.keras and FOLDER/resnet50v2.h5

Packages: tensorflow, keras==3.15.1. For the figures of loading in docs/formats.md:

    mvn -pl core test -Dtest=LoadingTest -Dkeralens.large=FOLDER
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras

keras.utils.set_random_seed(1)
model = keras.applications.ResNet50V2(weights=None)
for name in ("resnet50v2.keras", "resnet50v2.h5"):
    model.save(os.path.join(sys.argv[1], name))
