package dev.keralens.runtime.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory a run may take: what the machine has free, what a container leaves (cgroups),
 * what the shell allows ({@code ulimit -v}), and eight times what Java's heap may have. Java takes
 * a quarter of the machine by default; who gives it little does not mean that the rest of the
 * process takes the machine.
 *
 * <p>Where a figure is not to be had, as on other systems than Linux, it limits nothing.
 *
 * @param limits the limits in bytes, by what sets them
 */
record MachineMemory(Map<String, Long> limits) {
  private static final String OVERRIDE = "keralens.memory";
  private static final int HEAPS = 8;
  private static final Path PROC = Path.of("/proc");
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final Pattern NUMBER = Pattern.compile("(\\d+)(?:\\s*(kB))?");

  /**
   * The narrowest limit.
   *
   * @param what what sets it
   * @param bytes how much it allows
   */
  record Limit(String what, long bytes) {}

  /** {@return what this process may take now} */
  static MachineMemory current() {
    Map<String, Long> limits = new TreeMap<>();
    if (System.getProperty(OVERRIDE, "").equals("unchecked")) {
      return new MachineMemory(limits);
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (heap < Long.MAX_VALUE / HEAPS) {
      limits.put("Java's heap (-Xmx, times " + HEAPS + ")", HEAPS * heap);
    }
    read(PROC.resolve("meminfo"), "MemAvailable:")
        .ifPresent(bytes -> limits.put("This machine now", bytes));
    address().ifPresent(bytes -> limits.put("The limit of the shell (ulimit -v)", bytes));
    group().ifPresent(bytes -> limits.put("The container", bytes));
    return new MachineMemory(limits);
  }

  Limit limit() {
    return limits.entrySet().stream()
        .min(Comparator.comparingLong(Map.Entry::getValue))
        .map(entry -> new Limit(entry.getKey(), entry.getValue()))
        .orElse(new Limit("", Long.MAX_VALUE));
  }

  private static OptionalLong address() {
    OptionalLong most = read(PROC.resolve("self/limits"), "Max address space");
    OptionalLong taken = read(PROC.resolve("self/status"), "VmSize:");
    return most.isPresent() && taken.isPresent()
        ? OptionalLong.of(Math.max(0, most.getAsLong() - taken.getAsLong()))
        : OptionalLong.empty();
  }

  /** Pages of files count as taken, and are given up when they are needed. */
  private static OptionalLong group() {
    OptionalLong newer =
        free(GROUPS.resolve("memory.max"), GROUPS.resolve("memory.current"), "inactive_file");
    Path older = GROUPS.resolve("memory");
    return newer.isPresent()
        ? newer
        : free(
            older.resolve("memory.limit_in_bytes"),
            older.resolve("memory.usage_in_bytes"),
            "total_inactive_file");
  }

  private static OptionalLong free(Path limit, Path usage, String files) {
    OptionalLong most = read(limit, "");
    OptionalLong taken = read(usage, "");
    if (most.isEmpty() || taken.isEmpty()) {
      return OptionalLong.empty();
    }
    long given = read(usage.resolveSibling("memory.stat"), files + " ").orElse(0);
    return OptionalLong.of(Math.max(0, most.getAsLong() - taken.getAsLong() + given));
  }

  /** The number after a name at the beginning of a line. */
  private static OptionalLong read(Path file, String name) {
    List<String> lines = new ArrayList<>();
    try {
      if (Files.isReadable(file)) {
        lines.addAll(Files.readAllLines(file));
      }
    } catch (IOException e) {
      return OptionalLong.empty();
    }
    for (String line : lines) {
      if (line.startsWith(name)) {
        return number(line.substring(name.length()).strip());
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong number(String text) {
    Matcher number = NUMBER.matcher(text);
    if (!number.lookingAt() || number.group(1).length() > 18) {
      return OptionalLong.empty(); // "unlimited", "max"
    }
    return OptionalLong.of(Long.parseLong(number.group(1)) * (number.group(2) == null ? 1 : 1024));
  }
}
