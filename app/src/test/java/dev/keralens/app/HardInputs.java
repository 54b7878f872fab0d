package dev.keralens.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs command lines from a file, one a line, and prints for each its exit code, the milliseconds
 * that it took and the last line of its standard error; in the end, the most memory that the
 * process had at once, in kB.
 */
final class HardInputs {
  private HardInputs() {}

  public static void main(String[] arguments) throws IOException {
    for (String command : Files.readAllLines(Path.of(arguments[0]))) {
      long begin = System.nanoTime();
      int code;
      List<String> err;
      try {
        Cli run = Cli.run((Object[]) command.split("\t", -1));
        code = run.code();
        err = run.err();
      } catch (Error e) {
        code = -1;
        err = List.of(e.toString());
      }
      long millis = (System.nanoTime() - begin) / 1_000_000;
      System.out.printf("%d\t%d\t%s%n", code, millis, err.isEmpty() ? "" : err.get(err.size() - 1));
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        System.out.println(line.replaceAll("\\D", ""));
      }
    }
    System.exit(0);
  }
}
