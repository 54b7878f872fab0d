package dev.keralens.app;

import dev.keralens.runtime.Device;
import dev.keralens.runtime.RuntimeOptions;
import dev.keralens.runtime.engine.Devices;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the network is computed on. */
final class DeviceOptions {
  @Option(
      names = "--device",
      paramLabel = "NAMES",
      description =
          "What computes: cpu (default), cuda:0, coreml, auto (a GPU where there is one), or"
              + " several, as cuda:0,cuda:1, which share each batch. 'keralens devices' lists"
              + " them.")
  private @Nullable String device;

  @Option(
      names = "--tf32",
      description = "Let CUDA round the factors of products: faster, less exact.")
  private boolean tf32;

  /** Checks that the devices are there. */
  void check() {
    Devices.check(options());
    if (tf32 && Stream.of(devices()).noneMatch(one -> one.toString().startsWith("cuda"))) {
      throw new UsageException("--tf32 has no effect without a CUDA device: --device cuda:0.");
    }
  }

  /** The options, on the devices. */
  RuntimeOptions applied(RuntimeOptions runtime, PrintWriter err) {
    return runtime
        .withDevices(devices())
        .withTf32(tf32)
        .withNotices(
            line -> {
              err.println("keralens: " + line);
              err.flush();
            });
  }

  private RuntimeOptions options() {
    try {
      return RuntimeOptions.defaults().withDevices(devices());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--device: " + e.getMessage(), e);
    }
  }

  private Device[] devices() {
    List<Device> devices = device == null ? List.of(Device.cpu()) : Device.parseAll(device);
    return devices.toArray(new Device[0]);
  }
}
