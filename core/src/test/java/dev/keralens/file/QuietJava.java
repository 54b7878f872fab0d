package dev.keralens.file;

import java.util.List;

/** What keeps Java's own warnings out of the output of a process. */
public final class QuietJava {
  private QuietJava() {}

  /** {@return the options that docs/java.md names; Java 17 needs none} */
  public static List<String> options() {
    return Runtime.version().feature() < 24
        ? List.of()
        : List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
  }
}
