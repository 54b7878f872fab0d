package dev.keralens.runtime.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import dev.keralens.graph.Graph;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.onnx.write.OnnxWriter;
import dev.keralens.runtime.Device;
import dev.keralens.runtime.GraphExecutionException;
import dev.keralens.runtime.Placement;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The devices that this machine can compute on: each is tried with a graph of one operator. */
public final class Devices {
  private static final int MOST = 64;

  private static final Map<Device, Boolean> READY = new ConcurrentHashMap<>();
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private Devices() {}

  /**
   * A device, and whether it is ready.
   *
   * @param device the device
   * @param missing what it lacks, and how to get that; null where it is ready
   */
  public record State(Device device, @Nullable String missing) {
    /** {@return whether graphs can be computed on it} */
    public boolean isReady() {
      return missing == null;
    }
  }

  /**
   * {@return the kinds of devices, and how far this machine has them: the processors, each GPU of
   * CUDA, or the first as missing, and Core ML}
   *
   * @throws GraphExecutionException if ONNX Runtime cannot be loaded
   */
  public static List<State> all() {
    List<State> states = new ArrayList<>();
    states.add(state(Device.cpu()));
    states.add(state(Device.cuda(0)));
    for (int i = 1; i < MOST && states.get(states.size() - 1).isReady(); i++) {
      State next = state(Device.cuda(i));
      if (!next.isReady()) {
        break;
      }
      states.add(next);
    }
    states.add(state(Device.coreMl()));
    return List.copyOf(states);
  }

  /**
   * {@return whether a device is ready, and what it lacks}
   *
   * @param device the device; {@link Device#auto} is ready
   * @throws GraphExecutionException if ONNX Runtime cannot be loaded
   */
  public static State state(Device device) {
    return new State(device, missing(device));
  }

  /** {@return the version of ONNX Runtime, and what it can compute on} */
  public static String engine() {
    return "ONNX Runtime %s (%s)"
        .formatted(
            OnnxRuntime.environment().getVersion(),
            String.join(
                ", ",
                OrtEnvironment.getAvailableProviders().stream()
                    .map(OrtProvider::getName)
                    .map(name -> name.replace("ExecutionProvider", ""))
                    .toList()));
  }

  /**
   * Refuses devices that are not there.
   *
   * @param options their devices
   * @throws GraphExecutionException if one is not ready: the message says what it lacks
   */
  public static void check(RuntimeOptions options) {
    for (Device device : options.placement().devices()) {
      String missing = missing(device);
      if (missing != null) {
        throw new GraphExecutionException("There is no %s here: %s".formatted(device, missing));
      }
    }
  }

  /** {@return the devices to use: those that are named, or one for {@link Device#auto}} */
  static List<Device> chosen(Placement placement) {
    List<Device> devices = placement.devices();
    if (devices.get(0).kind() == Device.Kind.AUTO) {
      Device gpu = Device.cuda(0);
      String missing = missing(gpu);
      if (missing == null) {
        return List.of(gpu);
      }
      if (SAID.compareAndSet(false, true)) {
        placement.notices().accept("The processors compute: there is no GPU here. " + missing);
      }
      return List.of(Device.cpu());
    }
    check(RuntimeOptions.defaults().withDevices(devices.toArray(new Device[0])));
    return devices;
  }

  private static @Nullable String missing(Device device) {
    if (device.isCpu() || device.kind() == Device.Kind.AUTO || READY.containsKey(device)) {
      return null;
    }
    OnnxRuntime.environment();
    boolean cuda = device.kind() == Device.Kind.CUDA;
    OrtProvider provider = cuda ? OrtProvider.CUDA : OrtProvider.CORE_ML;
    if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
      return cuda ? NO_CUDA : "Core ML is on Macs with Apple's processors only.";
    }
    try {
      tryOut(device);
      READY.put(device, true);
      return null;
    } catch (GraphExecutionException e) {
      String words =
          String.valueOf(e.getMessage()).replaceFirst("^[^(]*(?=\\(ONNX Runtime says)", "");
      return cuda ? BROKEN_CUDA + words : words;
    }
  }

  private static final String NO_CUDA =
      "this ONNX Runtime computes on processors only. Exchange its artifact onnxruntime for"
          + " onnxruntime_gpu of the same version (Linux and Windows on x64; the command line takes"
          + " it by KERALENS_ORT_JAR=onnxruntime_gpu.jar), and install NVIDIA's driver, CUDA 12 and"
          + " cuDNN 9.";

  private static final String BROKEN_CUDA =
      "ONNX Runtime needs NVIDIA's driver, CUDA 12 and cuDNN 9, where the system looks for"
          + " libraries (LD_LIBRARY_PATH, on Windows PATH), and a GPU of that number. ";

  private static void tryOut(Device device) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4));
    Graph graph = b.build(List.of(b.node(Op.ABS, x)));
    RuntimeOptions options = RuntimeOptions.defaults().withThreads(1).withDevices(device);
    Session session = Session.compile(OnnxWriter.toModel(graph), options, 1);
    try {
      Tensor given = Tensor.of(new float[] {-1, 2, -3, 4}, 1, 4);
      List<Tensor> result = session.run(List.of(given), graph.outputs());
      if (result.get(0).get(0, 0) != 1) {
        throw new GraphExecutionException(device + " computes wrong numbers.");
      }
    } finally {
      session.close();
    }
  }
}
