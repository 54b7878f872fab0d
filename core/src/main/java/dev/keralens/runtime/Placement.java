package dev.keralens.runtime;

import dev.keralens.tensor.CheckReturnValue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where graphs are computed.
 *
 * @param devices on which devices, at least one; a batch is divided among several
 * @param tf32 whether CUDA may round the factors of products to ten binary digits after the point,
 *     which is faster; by default it may not, and results are as on the processors
 * @param notices is told, in a sentence, what happens to devices: that there is none for {@link
 *     Device#auto}, that one failed; by default a line in the system's log
 */
@CheckReturnValue
public record Placement(List<Device> devices, boolean tf32, Consumer<String> notices) {
  static final Placement CPU = new Placement(List.of(Device.cpu()), false, Placement::log);

  /**
   * Checks the devices.
   *
   * @param devices as above
   * @param tf32 as above
   * @param notices as above
   * @throws IllegalArgumentException if there is none, one other than the CPU is named twice, or
   *     {@code auto} beside others
   */
  public Placement {
    devices = List.copyOf(devices);
    if (devices.isEmpty()) {
      throw new IllegalArgumentException("At least one device is needed.");
    }
    Set<Device> seen = new HashSet<>();
    for (Device device : devices) {
      if (!seen.add(device) && !device.isCpu()) {
        throw new IllegalArgumentException(
            "%s is named twice; a device computes one thing at a time.".formatted(device));
      }
      if (device.kind() == Device.Kind.AUTO && devices.size() > 1) {
        throw new IllegalArgumentException("'auto' chooses by itself; name no device beside it.");
      }
    }
  }

  /** {@return whether all is computed by the processors, as one device} */
  public boolean isPlain() {
    return devices.size() == 1 && devices.get(0).isCpu();
  }

  private static void log(String line) {
    System.getLogger("dev.keralens").log(System.Logger.Level.WARNING, line);
  }
}
