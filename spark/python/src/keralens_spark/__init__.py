"""Explanations of Keras and ONNX models as a stage of Spark ML's pipelines.

The work is done by the Java stage of the same name: start Spark with the assembly,
``--jars keralens-spark_2.13-0.1.0-assembly.jar``.
"""

from pyspark import keyword_only
from pyspark.ml.param import Param, Params, TypeConverters
from pyspark.ml.util import JavaMLReadable, JavaMLReader, JavaMLWritable
from pyspark.ml.evaluation import JavaEvaluator
from pyspark.ml.wrapper import JavaTransformer

__all__ = ["KeralensEvaluator", "KeralensExplainer"]
__version__ = "0.1.0"

_JAVA_CLASS = "dev.keralens.spark.KeralensExplainer"


# Those of the Java stage: with Spark Connect it is on another machine.
_DEFAULTS = {
    "inputCols": ["image"], "outputCol": "explanation", "errorCol": "error", "broadcast": False, "method": "gradcam", "smooth": 0,
    "layer": "", "units": [], "topK": 1, "labels": [], "batchSize": 8, "device": "auto", "preprocess": "auto", "output": "maps",
    "onError": "fail", "seed": 0,
}
_EVALUATOR_DEFAULTS = {
    "inputCols": ["image"], "explanationCol": "explanation", "broadcast": False, "metricName": "deletion", "steps": 20, "baseline": "mean",
    "device": "auto", "preprocess": "auto",
}


class _Reader(JavaMLReader):
    """Reads stages whose Java class is not one of Spark's."""

    @classmethod
    def _java_loader_class(cls, clazz):
        return f"dev.keralens.spark.{clazz.__name__}"


class KeralensExplainer(JavaTransformer, JavaMLReadable, JavaMLWritable):
    """Adds a column of explanations: units, scores, outputs, classes, height, width, and maps or overlays."""

    inputCols = Param(Params._dummy(), "inputCols", "the columns of the inputs, one for each", typeConverter=TypeConverters.toListString)
    outputCol = Param(Params._dummy(), "outputCol", "the column of explanations", typeConverter=TypeConverters.toString)
    errorCol = Param(Params._dummy(), "errorCol", "the column of messages, where onError is null", typeConverter=TypeConverters.toString)
    modelPath = Param(Params._dummy(), "modelPath", "the model: a file, a folder, an address of Hadoop's file systems, or a name of addFile", typeConverter=TypeConverters.toString)
    broadcast = Param(Params._dummy(), "broadcast", "whether the driver reads the file and sends it", typeConverter=TypeConverters.toBoolean)
    method = Param(Params._dummy(), "method", "the method, as 'keralens methods' lists it", typeConverter=TypeConverters.toString)
    smooth = Param(Params._dummy(), "smooth", "SmoothGrad's repetitions around the method; 0 for none", typeConverter=TypeConverters.toInt)
    layer = Param(Params._dummy(), "layer", "the layer that is explained; empty for usual", typeConverter=TypeConverters.toString)
    units = Param(Params._dummy(), "units", "the explained units; none for the highest", typeConverter=TypeConverters.toListInt)
    topK = Param(Params._dummy(), "topK", "how many of the highest units", typeConverter=TypeConverters.toInt)
    labels = Param(Params._dummy(), "labels", "what the units are called", typeConverter=TypeConverters.toListString)
    batchSize = Param(Params._dummy(), "batchSize", "rows that run at once", typeConverter=TypeConverters.toInt)
    device = Param(Params._dummy(), "device", "auto, cuda, or a name such as cpu or cuda:0", typeConverter=TypeConverters.toString)
    preprocess = Param(Params._dummy(), "preprocess", "how pixels become the input; auto finds it", typeConverter=TypeConverters.toString)
    output = Param(Params._dummy(), "output", "maps, or overlay: PNG files", typeConverter=TypeConverters.toString)
    onError = Param(Params._dummy(), "onError", "fail, or null", typeConverter=TypeConverters.toString)
    seed = Param(Params._dummy(), "seed", "the seed of what is random", typeConverter=TypeConverters.toInt)

    @keyword_only
    def __init__(
        self,
        *,
        inputCols=None,
        outputCol=None,
        errorCol=None,
        modelPath=None,
        broadcast=None,
        method=None,
        smooth=None,
        layer=None,
        units=None,
        topK=None,
        labels=None,
        batchSize=None,
        device=None,
        preprocess=None,
        output=None,
        onError=None,
        seed=None,
    ):
        super().__init__()
        self._java_obj = self._new_java_obj(_JAVA_CLASS, self.uid)
        self._setDefault(**_DEFAULTS)
        self._set(**{name: value for name, value in self._input_kwargs.items() if value is not None})

    @classmethod
    def read(cls):
        """Reads a saved stage."""
        return _Reader(cls)

    def setInputCol(self, value):
        """Sets the one column of inputs."""
        return self._set(inputCols=[value])

    def setInputCols(self, value):
        """Sets the columns of the inputs, one for each."""
        return self._set(inputCols=value)

    def getInputCols(self):
        """Gives the columns of the inputs, one for each."""
        return self.getOrDefault(self.inputCols)

    def setOutputCol(self, value):
        """Sets the column of explanations."""
        return self._set(outputCol=value)

    def getOutputCol(self):
        """Gives the column of explanations."""
        return self.getOrDefault(self.outputCol)

    def setErrorCol(self, value):
        """Sets the column of messages, where onError is null."""
        return self._set(errorCol=value)

    def getErrorCol(self):
        """Gives the column of messages, where onError is null."""
        return self.getOrDefault(self.errorCol)

    def setModelPath(self, value):
        """Sets the model: a file, a folder, an address of Hadoop's file systems, or a name of addFile."""
        return self._set(modelPath=value)

    def getModelPath(self):
        """Gives the model: a file, a folder, an address of Hadoop's file systems, or a name of addFile."""
        return self.getOrDefault(self.modelPath)

    def setBroadcast(self, value):
        """Sets whether the driver reads the file and sends it."""
        return self._set(broadcast=value)

    def getBroadcast(self):
        """Gives whether the driver reads the file and sends it."""
        return self.getOrDefault(self.broadcast)

    def setMethod(self, value):
        """Sets the method, as 'keralens methods' lists it."""
        return self._set(method=value)

    def getMethod(self):
        """Gives the method, as 'keralens methods' lists it."""
        return self.getOrDefault(self.method)

    def setSmooth(self, value):
        """Sets SmoothGrad's repetitions around the method; 0 for none."""
        return self._set(smooth=value)

    def getSmooth(self):
        """Gives SmoothGrad's repetitions around the method; 0 for none."""
        return self.getOrDefault(self.smooth)

    def setLayer(self, value):
        """Sets the layer that is explained; empty for usual."""
        return self._set(layer=value)

    def getLayer(self):
        """Gives the layer that is explained; empty for usual."""
        return self.getOrDefault(self.layer)

    def setUnits(self, value):
        """Sets the explained units; none for the highest."""
        return self._set(units=value)

    def getUnits(self):
        """Gives the explained units; none for the highest."""
        return self.getOrDefault(self.units)

    def setTopK(self, value):
        """Sets how many of the highest units."""
        return self._set(topK=value)

    def getTopK(self):
        """Gives how many of the highest units."""
        return self.getOrDefault(self.topK)

    def setLabels(self, value):
        """Sets what the units are called."""
        return self._set(labels=value)

    def getLabels(self):
        """Gives what the units are called."""
        return self.getOrDefault(self.labels)

    def setBatchSize(self, value):
        """Sets rows that run at once."""
        return self._set(batchSize=value)

    def getBatchSize(self):
        """Gives rows that run at once."""
        return self.getOrDefault(self.batchSize)

    def setDevice(self, value):
        """Sets auto, cuda, or a name such as cpu or cuda:0."""
        return self._set(device=value)

    def getDevice(self):
        """Gives auto, cuda, or a name such as cpu or cuda:0."""
        return self.getOrDefault(self.device)

    def setPreprocess(self, value):
        """Sets how pixels become the input; auto finds it."""
        return self._set(preprocess=value)

    def getPreprocess(self):
        """Gives how pixels become the input; auto finds it."""
        return self.getOrDefault(self.preprocess)

    def setOutput(self, value):
        """Sets maps, or overlay: PNG files."""
        return self._set(output=value)

    def getOutput(self):
        """Gives maps, or overlay: PNG files."""
        return self.getOrDefault(self.output)

    def setOnError(self, value):
        """Sets fail, or null."""
        return self._set(onError=value)

    def getOnError(self):
        """Gives fail, or null."""
        return self.getOrDefault(self.onError)

    def setSeed(self, value):
        """Sets the seed of what is random."""
        return self._set(seed=value)

    def getSeed(self):
        """Gives the seed of what is random."""
        return self.getOrDefault(self.seed)


class KeralensEvaluator(JavaEvaluator, JavaMLReadable, JavaMLWritable):
    """Deletion or insertion of explained rows: the mean area below the curve of the model's output."""

    inputCols = Param(Params._dummy(), "inputCols", "the columns of the inputs, one for each", typeConverter=TypeConverters.toListString)
    explanationCol = Param(Params._dummy(), "explanationCol", "the column of explanations, with maps", typeConverter=TypeConverters.toString)
    modelPath = Param(Params._dummy(), "modelPath", "the model, as for KeralensExplainer", typeConverter=TypeConverters.toString)
    broadcast = Param(Params._dummy(), "broadcast", "whether the driver sends the model", typeConverter=TypeConverters.toBoolean)
    metricName = Param(Params._dummy(), "metricName", "deletion or insertion", typeConverter=TypeConverters.toString)
    steps = Param(Params._dummy(), "steps", "in how many parts places are changed", typeConverter=TypeConverters.toInt)
    baseline = Param(Params._dummy(), "baseline", "mean, of each channel, or zero", typeConverter=TypeConverters.toString)
    device = Param(Params._dummy(), "device", "what computes, as for KeralensExplainer", typeConverter=TypeConverters.toString)
    preprocess = Param(Params._dummy(), "preprocess", "how pixels become the input, as for KeralensExplainer", typeConverter=TypeConverters.toString)

    @keyword_only
    def __init__(
        self, *, inputCols=None, explanationCol=None, modelPath=None, broadcast=None, metricName=None, steps=None, baseline=None, device=None,
        preprocess=None,
    ):
        super().__init__()
        self._java_obj = self._new_java_obj("dev.keralens.spark.KeralensEvaluator", self.uid)
        self._setDefault(**_EVALUATOR_DEFAULTS)
        self._set(**{name: value for name, value in self._input_kwargs.items() if value is not None})

    @classmethod
    def read(cls):
        """Reads a saved measure."""
        return _Reader(cls)

    def setParams(self, **params):
        """Sets parameters by their names."""
        return self._set(**params)

    def isLargerBetter(self):
        """Whether more is better: of insertion it is, of deletion less."""
        return self.getOrDefault(self.metricName) == "insertion"
