"""Explains the images of a folder: explain.py MODEL FOLDER OUT. Started by spark-submit, or from a cluster's notebook."""

import sys

from keralens_spark import KeralensExplainer
from pyspark.sql import SparkSession

model, folder, out = sys.argv[1:]
spark = SparkSession.builder.appName("keralens").getOrCreate()
images = spark.read.format("binaryFile").load(folder).select("path", "content")
explainer = KeralensExplainer(modelPath=model, inputCols=["content"], topK=1, output="overlay")
explained = explainer.transform(images)
name, picture = explained.selectExpr("path", "explanation.overlays[0]").first()
with open(out, "wb") as file:
    file.write(picture)
print(f"{out}: why {name} is what it is")
