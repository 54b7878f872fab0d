"""Tries the assembly with a real distribution of Spark, the one of the pyspark that runs this script.

    cluster.py ASSEMBLY WORK_FOLDER [--images 500]

1. spark-submit runs the example of the Python wrapper.
2. A pipeline is saved and loaded, and the wrapper's defaults are those of the Java stage.
3. A standalone master and two workers of one core, on the loopback, explain the images with MobileNetV2 and two methods. One
   worker is killed in the middle. Every image comes out exactly once, with the maps of a single process.
4. A session of Spark Connect explains the demo's pictures, where pyspark[connect] is installed.

Every process that is started is ended by its id. It needs about 5 GB of memory.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib

import pyspark

HERE = pathlib.Path(__file__).resolve().parent
HOME = pathlib.Path(pyspark.__file__).resolve().parent
METHODS = ("gradcam", "gradients")
TOLERANCE = 1e-5


def png(path, seed, size=96):
    """A picture of coloured waves and a box, unlike for each seed."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)
        for x in range(size):
            box = 90 if (x + seed) % size < 30 and (y + 3 * seed) % size < 40 else 0
            rows += bytes(((x * (1 + seed % 5) + box) % 256, (y * (1 + seed % 3) + seed) % 256, (x * y // 16 + 7 * seed) % 256))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + chunk(b"IEND", b""))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(**more):
    return {
        **os.environ, "SPARK_HOME": str(HOME), "SPARK_DAEMON_MEMORY": "256m", "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable, **more,
    }


def children(pid):
    """The ids of a process' children, as Linux tells them."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry.name))
            except (OSError, IndexError):
                pass
    return found


def peak(pid):
    """The most memory that a process had resident, in MB; None where it has just ended, or the system does not tell."""
    try:
        lines = (pathlib.Path("/proc") / str(pid) / "status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), None)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Cluster:
    def __init__(self, work, workers=2, timeout=15):
        self.work = work
        self.count = workers
        self.timeout = timeout
        self.processes = []
        self.url = f"spark://127.0.0.1:{free_port()}"

    def start(self, name, *arguments):
        log = open(self.work / f"{name}.log", "w")
        options = f"-Dspark.worker.timeout={self.timeout} -Xss512k"
        process = subprocess.Popen(
            [str(HOME / "bin" / "spark-class"), *arguments], stdout=log, stderr=subprocess.STDOUT,
            env=environment(SPARK_MASTER_OPTS=options, SPARK_WORKER_DIR=str(self.work / name)),
        )
        self.processes.append(process)
        return process

    def __enter__(self):
        host, port = self.url[8:].split(":")
        self.start("master", "org.apache.spark.deploy.master.Master", "--host", host, "--port", port, "--webui-port", "0")
        for _ in range(240):
            with socket.socket() as s:
                if s.connect_ex((host, int(port))) == 0:
                    break
            time.sleep(0.5)
        else:
            raise SystemExit(f"The master did not start; see {self.work / 'master.log'}")
        self.workers = [
            self.start(f"worker{i}", "org.apache.spark.deploy.worker.Worker", "--host", host, "--webui-port", "0",
                       "--cores", "1", "--memory", "900m", self.url)
            for i in range(self.count)
        ]
        return self

    def kill_a_worker(self):
        """A worker, and the executor that it started, as a machine that is lost."""
        worker = self.workers[0]
        executors = children(worker.pid)
        kill(worker.pid)
        for pid in executors:
            kill(pid)
        return len(executors)

    def __exit__(self, *exception):
        for process in reversed(self.processes):
            for pid in children(process.pid):
                kill(pid)
            kill(process.pid)
            process.wait(30)


def session(master, assembly, **more):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("keralens-cluster").config("spark.jars", str(assembly))
    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "900m", "spark.executor.memory": "700m", "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1", "spark.task.maxFailures": "4", "spark.sql.shuffle.partitions": "2",
        "spark.sql.files.maxPartitionBytes": str(64 << 20), **more,
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def model(spark, path, size=96):
    """MobileNetV2 with weights as before training."""
    jvm = spark.sparkContext._jvm.dev.keralens
    network = jvm.applications.Applications.of("mobilenetv2").inputShape(size, size, 3)
    java_model = jvm.Model.of("mobilenetv2", jvm.keras.model.KerasModel.initialize(network.definition(), 1))
    java_model.export(spark.sparkContext._jvm.java.nio.file.Paths.get(str(path), spark.sparkContext._gateway.new_array(
        spark.sparkContext._jvm.java.lang.String, 0)))
    java_model.close()


def pipeline(path):
    from keralens_spark import KeralensExplainer
    from pyspark.ml import PipelineModel

    return PipelineModel([
        KeralensExplainer(modelPath=str(path), inputCols=["content"], method=method, outputCol=method, preprocess="tf", units=[3])
        for method in METHODS
    ])


def images(spark, folder):
    return spark.read.format("binaryFile").load(str(folder)).select("path", "content")


def explain(spark, network, folder, out):
    pipeline(network).transform(images(spark, folder)).drop("content").write.mode("overwrite").parquet(str(out))


def single(options):
    """What one process gives, by Spark in it, on one thread."""
    work = options.work
    spark = session("local[1]", options.assembly)
    network = work / "mobilenetv2.onnx"
    if not network.exists():
        model(spark, network)
    start = time.monotonic()
    explain(spark, network, work / "images", work / "single")
    print(f"one process: {time.monotonic() - start:.1f} s", flush=True)

    saved = work / "pipeline"
    pipeline(network).write().overwrite().save(str(saved))
    from pyspark.ml import PipelineModel

    stages = PipelineModel.load(str(saved)).stages
    assert [stage.getMethod() for stage in stages] == list(METHODS), stages
    assert stages[0].getUnits() == [3] and stages[0].getBatchSize() == 8, stages
    print("pipeline saved and loaded", flush=True)
    from keralens_spark import KeralensEvaluator

    defaults(stages[0])
    defaults(KeralensEvaluator())
    shapes = HERE.parent / "models" / "shapes"
    why = type(stages[0])(modelPath=str(shapes / "shapes.keras"), inputCols=["content"]).transform(images(spark, shapes / "samples" / "scene-000.png"))
    measure = KeralensEvaluator(modelPath=str(shapes / "shapes.keras"), inputCols=["content"], steps=5)
    deleted, inserted = measure.evaluate(why), measure.setParams(metricName="insertion").evaluate(why)
    assert 0 < deleted < inserted < 1 and measure.isLargerBetter(), (deleted, inserted)
    print(f"deletion {deleted:.3f}, insertion {inserted:.3f}", flush=True)
    spark.stop()


def defaults(stage):
    """What is not set is the same in Python as in Java."""
    plain = type(stage)()
    for param in plain.params:
        java = plain._java_obj.getParam(param.name)
        assert plain.hasDefault(param) == plain._java_obj.hasDefault(java), param.name
        if plain.hasDefault(param):
            value = plain._java_obj.getDefault(java).get()
            value = value if isinstance(value, (str, bool, int)) else list(value)
            assert value == plain.getOrDefault(param), f"{param.name}: {value} in Java, {plain.getOrDefault(param)} in Python"
    print(f"{len(plain.params)} parameters have the defaults of Java", flush=True)


def connect(options):
    """Spark Connect: the client has no Java, the stage is one of the server's."""
    try:
        import grpc  # noqa: F401 - pyspark[connect] brings it
    except ImportError:
        print("skipped: Spark Connect, as pyspark[connect] is not installed", flush=True)
        return
    from pyspark.sql import SparkSession

    spark = (SparkSession.builder.remote("local[1]").config("spark.jars", str(options.assembly)).config("spark.driver.memory", "900m")
             .config("spark.ui.enabled", "false").getOrCreate())
    from keralens_spark import KeralensExplainer

    shapes = HERE.parent / "models" / "shapes"
    pictures = images(spark, shapes / "samples" / "scene-00[024].png")
    stage = KeralensExplainer(modelPath=str(shapes / "shapes.keras"), inputCols=["content"], topK=2)
    rows = stage.transform(pictures).selectExpr("explanation.units", "size(explanation.maps[1]) as places").collect()
    assert len(rows) == 3 and all(len(row.units) == 2 and row.places == 96 * 96 for row in rows), rows
    assert stage.getMethod() == "gradcam", stage.getMethod()
    saved = options.work / "connected"
    stage.write().overwrite().save(str(saved))
    assert KeralensExplainer.load(str(saved)).getTopK() == 2
    print(f"Spark Connect: {len(rows)} rows, saved and loaded", flush=True)
    spark.stop()


def compare(spark, work, count):
    """Every image once, with the maps of the single process."""
    found = spark.read.parquet(str(work / "cluster"))
    rows, paths = found.count(), found.select("path").distinct().count()
    assert rows == paths == count, f"{rows} rows of {paths} images, not {count}"
    both = found.alias("a").join(spark.read.parquet(str(work / "single")).alias("b"), "path")
    assert both.count() == count
    for method in METHODS:
        worst = both.selectExpr(
            f"aggregate(zip_with(a.{method}.maps[0], b.{method}.maps[0], (x, y) -> abs(x - y)), 0f, (m, d) -> greatest(m, d)) as d",
            f"aggregate(a.{method}.maps[0], 0f, (m, x) -> greatest(m, x)) as top",
        ).selectExpr("max(d)", "min(top)").first()
        assert worst[0] <= TOLERANCE, f"{method}: maps differ by {worst[0]}"
        assert worst[1] > 0.5, f"{method}: there is a map without anything"
        print(f"{method}: {rows} rows, each once, at most {worst[0]:.1e} from a single process", flush=True)


def cluster(options):
    import threading

    work = options.work
    with Cluster(work) as machines:
        spark = session(machines.url, options.assembly)
        tracker = spark.sparkContext.statusTracker()
        failure = []

        def run():
            try:
                explain(spark, work / "mobilenetv2.onnx", work / "images", work / "cluster")
            except Exception as e:  # noqa: BLE001 - it is shown below
                failure.append(e)

        job = threading.Thread(target=run)
        start = time.monotonic()
        job.start()
        killed = None
        while job.is_alive() and time.monotonic() - start < options.limit:
            for stage in tracker.getActiveStageIds() if killed is None else ():
                info = tracker.getStageInfo(stage)
                if info and info.numTasks > 4 and info.numCompletedTasks >= 2:
                    executors = machines.kill_a_worker()
                    killed = (info.numCompletedTasks, info.numTasks, executors)
                    print(f"killed a worker and its {executors} child processes after {killed[0]} of {killed[1]} tasks", flush=True)
                    break
            time.sleep(0.1)
        job.join(0)
        assert not job.is_alive(), f"not done after {options.limit} s"
        if failure:
            raise failure[0]
        assert killed and killed[0] < killed[1] and killed[2] >= 1, f"no worker was killed in the middle: {killed}"
        print(f"two workers, one of them lost: {time.monotonic() - start:.1f} s", flush=True)
        peaks = [memory for memory in map(peak, children(machines.workers[1].pid)) if memory is not None]
        print(f"most memory of the executor that is left: {max(peaks, default='unknown')} MB, of which its heap may be 700", flush=True)
        compare(spark, work, options.images)
        spark.stop()


def submit(options):
    """The example of the wrapper, by spark-submit, on the demo's network and pictures."""
    shapes = HERE.parent / "models" / "shapes"
    out = options.work / "why.png"
    command = [
        str(HOME / "bin" / "spark-submit"), "--master", "local[1]", "--driver-memory", "900m", "--jars", str(options.assembly),
        "--conf", "spark.ui.enabled=false", str(HERE / "python" / "examples" / "explain.py"),
        str(shapes / "shapes.keras"), str(shapes / "samples" / "scene-000.png"), str(out),
    ]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=options.limit)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert out.read_bytes()[:4] == b"\x89PNG", out
    print("spark-submit: " + done.stdout.strip().splitlines()[-1], flush=True)


STEPS = {"submit": submit, "single": single, "cluster": cluster, "connect": connect}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assembly", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--limit", type=int, default=600, help="seconds that a step may take")
    parser.add_argument("--step", choices=list(STEPS))
    options = parser.parse_args()
    options.assembly, options.work = options.assembly.resolve(), options.work.resolve()
    if options.step:
        STEPS[options.step](options)
        return
    shutil.rmtree(options.work, ignore_errors=True)
    (options.work / "images").mkdir(parents=True)
    for i in range(options.images):
        png(options.work / "images" / f"{i:04d}.png", i)
    subprocess.run([str(HERE / "python" / "build-wheel"), str(options.work)], check=True, env=environment(PYTHON=sys.executable))
    wheel = next(options.work.glob("*.whl"))
    site = options.work / "site"
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-index", "--no-deps", "--target", str(site), str(wheel)],
                   check=True)
    for step in STEPS:  # a process each: one has one context of Spark
        subprocess.run([sys.executable, __file__, str(options.assembly), str(options.work), "--step", step, "--images", str(options.images),
                        "--limit", str(options.limit)], check=True, env=environment(PYTHONPATH=str(site)))
    print("all done", flush=True)


if __name__ == "__main__":
    main()
