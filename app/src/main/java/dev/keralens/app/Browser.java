package dev.keralens.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Opens an address in the user's browser. */
final class Browser {
  private Browser() {}

  /**
   * Opens an address. The browser gets a file that leads there, which others cannot read: what
   * stands on a command line, all users of the machine see.
   *
   * @param err is told if there is no browser
   */
  static void open(String url, PrintWriter err) {
    try {
      Path file = Files.createTempFile("keralens", ".html"); // for its owner alone
      file.toFile().deleteOnExit();
      Files.writeString(
          file,
          "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=\"0;url="
              + url
              + "\"><title>Keralens</title>");
      new ProcessBuilder(command(file))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      err.println("keralens: no browser was found; open the address yourself");
      err.flush();
    }
  }

  private static List<String> command(Path file) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String address = file.toUri().toString();
    if (system.contains("win")) {
      return List.of("rundll32", "url.dll,FileProtocolHandler", address);
    }
    return List.of(system.contains("mac") ? "open" : "xdg-open", address);
  }
}
