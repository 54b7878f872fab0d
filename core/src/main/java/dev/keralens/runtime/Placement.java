package dev.keralens.runtime;

import dev.keralens.tensor.CheckReturnValue;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where graphs are computed. */
@CheckReturnValue
public final class Placement {
  private final List<Device> devices;
  private final boolean tf32;
  private final Consumer<String> notices;

  Placement(List<Device> devices, boolean tf32, Consumer<String> notices) {
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
    this.devices = List.copyOf(devices);
    this.tf32 = tf32;
    this.notices = notices;
  }

  /** {@return on which devices, at least one; a batch is divided among several} */
  public List<Device> devices() {
    return devices;
  }

  /**
   * {@return whether CUDA may round the factors of products to ten binary digits after the point,
   * which is faster; by default it may not, and results are as on the processors}
   */
  public boolean tf32() {
    return tf32;
  }

  /**
   * {@return is told, in a sentence, what happens to devices: that there is none for {@link
   * Device#auto}, that one failed; by default a line in the system's log}
   */
  public Consumer<String> notices() {
    return notices;
  }

  static final Placement CPU = new Placement(List.of(Device.cpu()), false, Placement::log);

  /** {@return whether all is computed by the processors, as one device} */
  public boolean isPlain() {
    return devices.size() == 1 && devices.get(0).isCpu();
  }

  private static void log(String line) {
    System.getLogger("dev.keralens").log(System.Logger.Level.WARNING, line);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Placement that
        && devices.equals(that.devices)
        && tf32 == that.tf32
        && notices.equals(that.notices);
  }

  @Override
  public int hashCode() {
    return Objects.hash(devices, tf32, notices);
  }

  @Override
  public String toString() {
    return "Placement[devices=%s, tf32=%s, notices=%s]".formatted(devices, tf32, notices);
  }
}
