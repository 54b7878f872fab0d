"""Where PySpark looks for the stages of pipelines that it loads: by the name of the Java class."""

from keralens_spark import KeralensEvaluator, KeralensExplainer

__all__ = ["KeralensEvaluator", "KeralensExplainer"]
