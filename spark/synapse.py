"""Times SynapseML's ImageLIME at its defaults, and Keralens' Grad-CAM and LIME, on the same images and network.

    mvn dependency:build-classpath -Dmdep.outputFile=synapse.txt      with com.microsoft.azure:synapseml-core_2.12:1.1.3 in a pom.xml
    synapse.py ASSEMBLY synapse.txt WORK_FOLDER [--images 4] [--size 96]

Needs a Python with PySpark 3.5, whose Spark has Scala 2.12, and a JDK. ImageLIME asks a stage for scores; SynapseML's own for ONNX is
not on Maven Central, so the stage here runs the network by Keralens, ten rows at once as SynapseML's does. Spark runs on two threads in
one process, and Keralens on two in another.
"""

import argparse
import pathlib
import subprocess
import sys
import time

import cluster

SCORES = """
import dev.keralens.Model;
import dev.keralens.tensor.Tensor;
import java.nio.file.Path;
import java.util.*;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.*;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.*;
import org.apache.spark.sql.types.*;

/** Probabilities of image structs; one model for the process. */
public class Scores extends Transformer {
  static Model model;
  final String path;

  public Scores(String path) {
    this.path = path;
  }

  static synchronized Model model(String path) throws java.io.IOException {
    if (model == null) {
      model = Model.load(Path.of(path));
    }
    return model;
  }

  @Override public String uid() {
    return "scores";
  }

  @Override public StructType transformSchema(StructType schema) {
    return schema.add("probability", SQLDataTypes.VectorType());
  }

  @Override public Transformer copy(ParamMap extra) {
    return this;
  }

  static void score(String path, List<Row> rows, int column, List<Row> to) throws java.io.IOException {
    List<Tensor> parts = new ArrayList<>();
    for (Row row : rows) {
      Row image = row.getStruct(column);
      int height = image.getAs("height");
      int width = image.getAs("width");
      byte[] bgr = image.getAs("data");
      float[] x = new float[bgr.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = (bgr[i / 3 * 3 + 2 - i % 3] & 255) / 127.5f - 1;
      }
      parts.add(Tensor.of(x, 1, height, width, 3));
    }
    Tensor out = model(path).predict(Tensor.concat(parts));
    for (int i = 0; i < rows.size(); i++) {
      float[] floats = out.row(i).toFloatArray();
      double[] values = new double[floats.length];
      for (int j = 0; j < values.length; j++) {
        values[j] = floats[j];
      }
      Object[] all = new Object[rows.get(i).size() + 1];
      for (int j = 0; j < all.length - 1; j++) {
        all[j] = rows.get(i).get(j);
      }
      all[all.length - 1] = Vectors.dense(values);
      to.add(RowFactory.create(all));
    }
  }

  @Override public Dataset<Row> transform(Dataset<?> rows) {
    StructType schema = transformSchema(rows.schema());
    String path = this.path;
    int column = rows.schema().fieldIndex("image");
    MapPartitionsFunction<Row, Row> f =
        all -> {
          return new Iterator<Row>() {
            final ArrayDeque<Row> ready = new ArrayDeque<>();

            @Override public boolean hasNext() {
              if (ready.isEmpty() && all.hasNext()) {
                List<Row> batch = new ArrayList<>();
                while (batch.size() < 10 && all.hasNext()) {
                  batch.add(all.next());
                }
                List<Row> to = new ArrayList<>();
                try {
                  score(path, batch, column, to);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
                ready.addAll(to);
              }
              return !ready.isEmpty();
            }

            @Override public Row next() {
              return ready.remove();
            }
          };
        };
    return rows.toDF().mapPartitions(f, org.apache.spark.sql.catalyst.encoders.ExpressionEncoder.apply(schema));
  }
}
"""

OURS = """
import dev.keralens.*;
import dev.keralens.explain.Method;
import dev.keralens.method.*;
import dev.keralens.picture.ImageLoader;
import dev.keralens.applications.Preprocessing;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;

class Ours {
  public static void main(String[] a) throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(a[1]))) {
      files = all.sorted().toList();
    }
    ExplainOptions options = ExplainOptions.defaults().withRuntime(RuntimeOptions.defaults().withThreads(2));
    for (Method method : new Method[] {GradCam.create(), Lime.create()}) {
      try (Model model = Model.load(Path.of(a[0])); Explainer explainer = Explainer.of(model, options, method)) {
        double took = 0;
        for (int round = 0; round < 2; round++) {
          long start = System.nanoTime();
          for (Path file : files) {
            Tensor pixels = ImageLoader.create().read(file).toTensor();
            int[] s = pixels.shape();
            explainer.explain(Preprocessing.TF.apply(pixels.reshape(s[s.length - 3], s[s.length - 2], 3)).reshape(1, s[s.length - 3], s[s.length - 2], 3), Units.of(3));
          }
          took = (System.nanoTime() - start) / 1e9;
        }
        System.out.println("took " + method.name() + " " + took);
      }
    }
  }
}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assembly", type=pathlib.Path)
    parser.add_argument("classpath", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=4)
    parser.add_argument("--size", type=int, default=96)
    options = parser.parse_args()
    work, assembly = options.work.resolve(), options.assembly.resolve()
    classes, folder = work / "classes", work / "images"
    classes.mkdir(parents=True)
    folder.mkdir()
    for i in range(options.images):
        cluster.png(folder / f"{i:02d}.png", i, options.size)
    # Those of Spark stay Spark's.
    jars = [jar for jar in options.classpath.read_text().strip().split(":") if not any(part in jar for part in ("/scala-library", "/scala-reflect", "/slf4j-api", "/commons-logging"))]
    source = work / "Scores.java"
    source.write_text(SCORES)
    subprocess.run(["javac", "-nowarn", "-proc:none", "-d", str(classes), "-cp", f"{assembly}:{cluster.HOME}/jars/*", str(source)], check=True)
    subprocess.run(["jar", "--create", "--file", str(work / "scores.jar"), "-C", str(classes), "."], check=True)
    spark = cluster.session("local[2]", ",".join(map(str, [work / "scores.jar", assembly, *jars])), **{"spark.driver.memory": "3g"})
    network = work / "mobilenetv2.onnx"
    jvm = spark.sparkContext._jvm
    java_network = jvm.dev.keralens.applications.Applications.of("mobilenetv2").inputShape(options.size, options.size, 3)
    java_model = jvm.dev.keralens.Model.of("mobilenetv2", jvm.dev.keralens.keras.model.KerasModel.initialize(java_network.definition(), 1))
    java_model.export(jvm.java.io.File(str(network)).toPath())
    java_model.close()
    classes_ = spark.sparkContext._gateway.new_array(jvm.int, 1)
    classes_[0] = 3
    lime = jvm.com.microsoft.azure.synapse.ml.explainers.ImageLIME()
    lime = lime.setModel(jvm.Scores(str(network))).setInputCol("image").setTargetCol("probability").setTargetClasses(classes_)
    lime = lime.setOutputCol("weights").setSuperpixelCol("superpixels")
    images = spark.read.format("image").load(str(folder))
    seconds = []
    for _ in range(2):
        start = time.monotonic()
        rows = lime.transform(images._jdf).select("weights", spark.sparkContext._gateway.new_array(jvm.String, 0)).collectAsList().size()
        seconds.append(time.monotonic() - start)
        assert rows == options.images, rows
    samples = lime.getNumSamples()
    spark.stop()
    out = subprocess.run(["java", "-Xmx2g", "-cp", str(assembly), *["Ours.java"], str(network), str(folder)], check=True, capture_output=True,
                         text=True, cwd=write(work, "Ours.java", OURS)).stdout
    print(f"A time for each of {options.images} images of {options.size} x {options.size}, MobileNetV2, two threads; ImageLIME with {samples} samples")
    print(f"| SynapseML ImageLIME | {seconds[-1] / options.images:.2f} s |")
    for line in out.splitlines():
        if line.startswith("took "):
            _, name, took = line.split()
            print(f"| Keralens {name} | {float(took) / options.images:.3f} s |")


def write(folder, name, text):
    (folder / name).write_text(text)
    return folder


if __name__ == "__main__":
    sys.exit(main())
