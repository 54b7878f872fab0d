package dev.keralens.runtime;

import dev.keralens.tensor.CheckReturnValue;
import dev.keralens.text.ClosestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a graph is computed on. {@link RuntimeOptions#withDevices} takes one or several; {@code
 * keralens devices} says which a machine has.
 */
@CheckReturnValue
public final class Device {
  private static final Pattern TEXT = Pattern.compile("([a-z]+)(?::(\\d{1,4}))?");
  private static final List<String> NAMES = List.of("cpu", "cuda:0", "cuda:1", "coreml", "auto");

  /** The kinds of devices. */
  public enum Kind {
    /** The processors. */
    CPU,
    /** An NVIDIA GPU. */
    CUDA,
    /** The accelerators of a Mac. */
    COREML,
    /** The first GPU of CUDA where there is one, else the processors. */
    AUTO
  }

  private final Kind kind;
  private final int index;

  private Device(Kind kind, int index) {
    this.kind = kind;
    this.index = index;
  }

  /** {@return the processors of the machine: the default} */
  public static Device cpu() {
    return new Device(Kind.CPU, 0);
  }

  /**
   * {@return an NVIDIA GPU}
   *
   * @param index which, from 0, as CUDA counts them
   * @throws IllegalArgumentException if the index is negative
   */
  public static Device cuda(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("CUDA counts its devices from 0, got " + index + ".");
    }
    return new Device(Kind.CUDA, index);
  }

  /**
   * {@return the accelerators of a Mac, through Core ML} It may compute in half precision; it has
   * not been tried.
   */
  public static Device coreMl() {
    return new Device(Kind.COREML, 0);
  }

  /** {@return the first GPU of CUDA where there is one, else the processors} */
  public static Device auto() {
    return new Device(Kind.AUTO, 0);
  }

  /**
   * {@return a device by its name}
   *
   * @param text {@code cpu}, {@code cuda} or {@code cuda:1}, {@code coreml}, {@code auto}
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String text) {
    String name = text.strip().toLowerCase(Locale.ROOT);
    Matcher matcher = TEXT.matcher(name);
    if (matcher.matches()) {
      String number = matcher.group(2);
      for (Kind kind : Kind.values()) {
        if (kind.name().toLowerCase(Locale.ROOT).equals(matcher.group(1))
            && (number == null || kind == Kind.CUDA)) {
          return new Device(kind, number == null ? 0 : Integer.parseInt(number));
        }
      }
    }
    String closest =
        ClosestName.among(NAMES, name).map(near -> " Did you mean '" + near + "'?").orElse("");
    throw new IllegalArgumentException(
        "There is no device '%s'.%s Known: %s."
            .formatted(text, closest, "cpu, cuda:0 (cuda:1, ...), coreml, auto"));
  }

  /**
   * {@return devices by their names}
   *
   * @param text names as {@link #parse} takes them, separated by commas
   * @throws IllegalArgumentException if one is none
   */
  public static List<Device> parseAll(String text) {
    return Arrays.stream(text.split(",", -1)).map(Device::parse).toList();
  }

  /** {@return its kind} */
  public Kind kind() {
    return kind;
  }

  /** {@return which of its kind, from 0} */
  public int index() {
    return index;
  }

  /** {@return whether it is the processors} */
  public boolean isCpu() {
    return kind == Kind.CPU;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Device device && device.kind == kind && device.index == index;
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, index);
  }

  /** {@return its name, as {@link #parse} takes it} */
  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return kind == Kind.CUDA ? name + ":" + index : name;
  }
}
