"""Measures the stage on a standalone cluster on the loopback, beside the plain library in one process.

    throughput.py ASSEMBLY WORK_FOLDER [--images 640] [--workers 1,2,4] [--warm 4] [--rounds 3]

MobileNetV2 at 224 x 224 pixels and Grad-CAM, on image files. For each number of workers of one core: images a second, the processor
time of a row, and the most memory of an executor, once everything is warm: each process explains the images --warm times, then
--rounds times, of which the median counts. The plain library runs on one thread and on two. On a machine of fewer cores than
workers, what more cores would give is simulated: the rows, by the most processor time that one of the executors took. Needs a Python with PySpark; nothing else should run meanwhile.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import cluster

SIDE = 224
PLAIN = """
import dev.keralens.*;
import dev.keralens.method.GradCam;
import dev.keralens.picture.ImageLoader;
import dev.keralens.applications.Preprocessing;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.Tensor;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;

class Plain {
  static final int BATCH = 8;

  static List<Tensor> read(List<Path> files, int from) {
    List<Tensor> parts = new ArrayList<>();
    for (Path file : files.subList(from, Math.min(files.size(), from + BATCH))) {
      try {
        Tensor pixels = ImageLoader.create().size(224, 224).read(file).toTensor();
        parts.add(Preprocessing.TF.apply(pixels.reshape(224, 224, 3)).reshape(1, 224, 224, 3));
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
    return List.of(Tensor.concat(parts));
  }

  public static void main(String[] a) throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(a[1]))) {
      files = all.sorted().toList();
    }
    ExplainOptions options =
        ExplainOptions.defaults()
            .withRuntime(RuntimeOptions.defaults().withThreads(Integer.parseInt(a[2])))
            .withBatchSize(BATCH);
    try (Model model = Model.load(Path.of(a[0]));
        Explainer explainer = Explainer.of(model, options, GradCam.create())) {
      for (int round = 0; round < Integer.parseInt(a[3]); round++) {
        long start = System.nanoTime();
        Iterator<List<Tensor>> batches =
            IntStream.range(0, (files.size() + BATCH - 1) / BATCH).mapToObj(i -> read(files, i * BATCH)).iterator();
        double sum = 0;
        try (Prefetch<List<Explanation>> ahead = explainer.explainAhead(batches, Units.top(1))) {
          while (ahead.hasNext()) {
            sum += ahead.next().get(0).maps().toFloatArray()[0];
          }
        }
        System.out.println("took " + (System.nanoTime() - start) / 1e9 + " " + sum);
      }
    }
  }
}
"""


def processor_time(pid):
    """The seconds that a process has computed."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain(options, threads):
    """Seconds of the plain library."""
    source = options.work / "Plain.java"
    source.write_text(PLAIN)
    out = subprocess.run(
        ["java", "-Xmx700m", "-cp", str(options.assembly), str(source), str(options.work / "mobilenetv2.onnx"), str(options.work / "images"),
         str(threads), str(options.warm + options.rounds)], check=True, capture_output=True, text=True, timeout=options.limit).stdout
    took = [float(line.split()[1]) for line in out.splitlines() if line.startswith("took ")]
    return statistics.median(took[options.warm:])


def prepare(options):
    """The network."""
    spark = cluster.session("local[1]", options.assembly)
    cluster.model(spark, options.work / "mobilenetv2.onnx", SIDE)
    spark.stop()


def workers(options):
    """What workers of one core take."""
    from keralens_spark import KeralensExplainer

    with cluster.Cluster(options.work, options.count, timeout=300) as machines:
        # As many files a task as make four tasks for each worker; a file counts as 4 MB.
        part = max(1, options.images // (4 * options.count)) * (4 << 20)
        spark = cluster.session(machines.url, options.assembly, **{"spark.sql.files.maxPartitionBytes": str(part),
                                                                  "spark.scheduler.minRegisteredResourcesRatio": "1.0"})
        stage = KeralensExplainer(modelPath=str(options.work / "mobilenetv2.onnx"), inputCols=["content"], preprocess="tf")

        def explain():
            start = time.monotonic()
            stage.transform(cluster.images(spark, options.work / "images")).drop("content").write.format("noop").mode("overwrite").save()
            return time.monotonic() - start

        for _ in range(options.warm):
            explain()
        pids = [pid for worker in machines.workers for pid in cluster.children(worker.pid)]
        assert len(pids) == options.count, f"{len(pids)} executors for {options.count} workers"
        before = [processor_time(pid) for pid in pids]
        took = statistics.median([explain() for _ in range(options.rounds)])
        used = [(processor_time(pid) - start) / options.rounds for pid, start in zip(pids, before)]
        found = {"took": took, "used": used, "memory": [cluster.peak(pid) or 0 for pid in pids]}
        (options.work / f"workers{options.count}.json").write_text(json.dumps(found))
        spark.stop()


STEPS = {"prepare": prepare, "workers": workers}


def table(options, counts):
    """The figures, as Markdown."""
    one, two = plain(options, 1), plain(options, 2)
    count = options.images
    lines = [
        f"Spark: Grad-CAM of MobileNetV2, {count} image files of 224 x 224 pixels, {os.cpu_count()} cores", "",
        "| | images a second | to one process on two threads (bar 0.85) | processor time of a row | memory of an executor | with a core for each, simulated |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| the library, one thread | {count / one:.1f} | {two / one:.2f} | {one / count * 1e3:.1f} ms | | |",
        f"| the library, two threads | {count / two:.1f} | 1.00 | | | |",
    ]
    for workers_ in counts:
        found = json.loads((options.work / f"workers{workers_}.json").read_text())
        lines.append(
            f"| {workers_} worker{'s' * (workers_ > 1)} of one core | {count / found['took']:.1f} | {two / found['took']:.2f} | "
            f"{sum(found['used']) / count * 1e3:.1f} ms | {max(found['memory'])} MB | {count / max(found['used']):.1f} /s |")
        if workers_ == 1:
            lines.append(f"| of which Spark, of a row | | | {(found['took'] - one) / count * 1e3:.1f} ms | | |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assembly", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=640)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--warm", type=int, default=4, help="passes before those that count")
    parser.add_argument("--rounds", type=int, default=3, help="passes that count")
    parser.add_argument("--limit", type=int, default=600, help="seconds that a step may take")
    parser.add_argument("--step", choices=list(STEPS))
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    options.assembly, options.work = options.assembly.resolve(), options.work.resolve()
    if options.step:
        STEPS[options.step](options)
        return
    (options.work / "images").mkdir(parents=True)
    for i in range(options.images):
        cluster.png(options.work / "images" / f"{i:04d}.png", i, SIDE)
    counts = [int(count) for count in options.workers.split(",")]
    environment = cluster.environment(PYTHONPATH=str(cluster.HERE / "python" / "src"))
    for step, count in [("prepare", 0)] + [("workers", count) for count in counts]:  # a process has one context of Spark
        subprocess.run([sys.executable, __file__, str(options.assembly), str(options.work), "--step", step, "--count", str(count), "--images",
                        str(options.images), "--warm", str(options.warm), "--rounds", str(options.rounds)], check=True, env=environment, timeout=options.limit)
    print(table(options, counts), flush=True)


if __name__ == "__main__":
    main()
