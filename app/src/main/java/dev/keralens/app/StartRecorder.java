package dev.keralens.app;

import dev.keralens.web.PageServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/**
 * Does what starts do, once, for an archive of the classes that they take: a command line, then the
 * page with its first questions. The launcher runs it.
 */
final class StartRecorder {
  private static final List<String> ASKED =
      List.of("/", "/style.css", "/page.js", "/api/model", "/api/gallery", "/api/gallery/0/thumb");

  private StartRecorder() {}

  /**
   * Runs a command line, then serves for a moment.
   *
   * @param arguments the command line
   * @throws IOException if the page does not answer
   */
  public static void main(String[] arguments) throws IOException {
    int code = Main.commandLine(new Main()).execute(arguments);
    CommandLine.ParseResult parsed =
        Main.commandLine(new Main()).parseArgs("serve", "--no-browser").subcommand();
    ServeCommand serve = (ServeCommand) parsed.commandSpec().userObject();
    try (PageServer server = serve.start()) {
      URI url = URI.create(server.url());
      HttpURLConnection first = (HttpURLConnection) url.toURL().openConnection();
      first.getInputStream().readAllBytes();
      String cookie = first.getHeaderField("Set-Cookie").replaceAll(";.*", "");
      for (String path : ASKED) {
        ask(url.resolve(path), cookie, null);
      }
      ask(url.resolve("/api/gallery/0"), cookie, "{}");
      ask(url.resolve("/api/items/p1/picture"), cookie, null);
      ask(
          url.resolve("/api/explain"),
          cookie,
          "{\"item\":\"p1\",\"method\":\"gradcam\",\"settings\":{},\"layers\":[],\"units\":[0]}");
      ask(url.resolve("/api/methods"), cookie, null);
    }
    System.exit(code);
  }

  private static void ask(URI url, String cookie, @org.jspecify.annotations.Nullable String body)
      throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setRequestProperty("Cookie", cookie);
    connection.setRequestProperty("X-Keralens", "page");
    if (body != null) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }
    connection.getInputStream().readAllBytes();
  }
}
