package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may not ask, and what is not taken. After each attack the server answers as before. */
class AttackTest {
  private PageServer server;
  private String cookie;
  private final List<Throwable> failures = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server =
        PageServer.start(
            ShapesModel.open(),
            (name, content) -> new ShapesModel(Model.load(name, content)),
            PageOptions.defaults()
                .withSamples(
                    List.of(new PageOptions.Sample("scene.png", "", () -> ShapesModel.scene(0)))),
            failures::add);
    String answer = send("GET /?token=" + token() + " HTTP/1.1\r\n" + host() + "\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    cookie = answer.replaceAll("(?s).*Set-[Cc]ookie: ([^;]*);.*", "Cookie: $1\r\n");
    assertTrue(answer.contains("HttpOnly; SameSite=Strict"), answer);
  }

  @AfterEach
  void stop() throws IOException {
    assertTrue(get("/api/items").startsWith("HTTP/1.1 200"), "the server is up");
    server.close();
    assertEquals(List.of(), failures);
  }

  private String token() {
    return server.url().replaceAll(".*token=", "");
  }

  private String host() {
    return "Host: 127.0.0.1:%d\r\n".formatted(server.port());
  }

  private String get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\n" + host() + cookie + "\r\n");
  }

  private String post(String path, String headers, byte[] body) throws IOException {
    byte[] head =
        ("POST "
                + path
                + " HTTP/1.1\r\n"
                + host()
                + cookie
                + headers
                + "Content-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return send(all);
  }

  private String send(String request) throws IOException {
    return send(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The head of the answer and what has come behind it. */
  private String send(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(request);
        out.flush();
      } catch (IOException e) {
        // It was refused before it was read.
      }
      return answer(socket.getInputStream());
    }
  }

  private static String answer(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      String text = all.toString(StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        String length = text.replaceAll("(?is).*content-length: (\\d+).*", "$1");
        boolean known = length.matches("\\d+");
        if (known
            ? text.length() - end - 4 >= Integer.parseInt(length)
            : text.endsWith("0\r\n\r\n")) {
          return text;
        }
      }
      byte[] next = new byte[1 << 16];
      int count = in.read(next);
      if (count < 0) {
        return text;
      }
      all.write(next, 0, count);
    }
  }

  private static void refused(int status, String answer) {
    assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
    assertFalse(answer.contains("at dev.keralens") || answer.contains("Exception"), answer);
    assertFalse(answer.toLowerCase(java.util.Locale.ROOT).contains("access-control"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "127.0.0.1",
        "127.0.0.1.evil.example:PORT",
        "evil.example:PORT",
        ""
      })
  void host_foreign(String name) throws IOException {
    String given = name.replace("PORT", String.valueOf(server.port()));
    String answer = send("GET /api/model HTTP/1.1\r\nHost: " + given + "\r\n" + cookie + "\r\n");
    refused(421, answer);
    answer = send("GET /?token=" + token() + " HTTP/1.1\r\nHost: " + given + "\r\n\r\n");
    refused(421, answer);
  }

  @Test
  void host_ownNames() throws IOException {
    for (String name : List.of("localhost", "127.0.0.1", "[::1]", "LOCALHOST")) {
      String answer =
          send(
              "GET /api/items HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n"
                  .formatted(name, server.port(), cookie));
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://evil.example", "null", "https://127.0.0.1:PORT", "http://127.0.0.1:1"})
  void origin_foreign(String origin) throws IOException {
    String given = origin.replace("PORT", String.valueOf(server.port()));
    refused(
        403, post("/api/items", "Origin: " + given + "\r\nX-Keralens: page\r\n", new byte[] {1}));
    refused(
        403,
        send("GET /api/model HTTP/1.1\r\n" + host() + cookie + "Origin: " + given + "\r\n\r\n"));
  }

  @Test
  void post_withoutOriginOrHeader() throws IOException {
    refused(403, post("/api/items", "Content-Type: text/plain\r\n", new byte[] {1}));
    refused(
        403,
        post("/api/items", "Sec-Fetch-Site: cross-site\r\nX-Keralens: page\r\n", new byte[] {1}));
  }

  @Test
  void token_missingOrWrong() throws IOException {
    String bare = "GET /api/model HTTP/1.1\r\n" + host();
    refused(403, send(bare + "\r\n"));
    refused(403, send(bare + "Cookie: keralens-" + server.port() + "=" + token() + "\r\n\r\n"));
    refused(403, send("GET / HTTP/1.1\r\n" + host() + "\r\n"));
    refused(403, send("GET /?token=" + "0".repeat(48) + " HTTP/1.1\r\n" + host() + "\r\n"));
    refused(403, send("GET /page.js HTTP/1.1\r\n" + host() + "\r\n"));
    assertEquals(48, token().length());
  }

  @Test
  void upload_ofOneGigabyteIsNotRead() throws IOException {
    long began = System.nanoTime();
    refused(
        413,
        send(
            ("POST /api/items?name=a.png HTTP/1.1\r\n"
                + host()
                + cookie
                + "X-Keralens: page\r\nContent-Length: 1073741824\r\n\r\nabc")));
    assertTrue(System.nanoTime() - began < 10e9);
  }

  @Test
  void upload_inChunksEndsAtTheLimit() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/items?name=a.png HTTP/1.1\r\n"
                  + host()
                  + cookie
                  + "X-Keralens: page\r\nTransfer-Encoding: chunked\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      byte[] chunk =
          ("100000\r\n" + " ".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      int sent = 0;
      try {
        while (sent < 200) {
          out.write(chunk);
          sent++;
        }
      } catch (IOException e) {
        // It stopped listening.
      }
      assertTrue(sent < 60, "read " + sent + " MB");
    }
  }

  @Test
  void picture_thatClaimsTenGigapixels() throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] head = {0, 1, (byte) 0x86, (byte) 0xa0, 0, 1, (byte) 0x86, (byte) 0xa0, 8, 2, 0, 0, 0};
    chunk(png, "IHDR", head);
    chunk(png, "IDAT", new byte[] {0x78, (byte) 0x9c, 3, 0, 0, 0, 0, 1});
    chunk(png, "IEND", new byte[0]);
    long before = used();
    String answer = post("/api/items?name=huge.png", "X-Keralens: page\r\n", png.toByteArray());
    refused(422, answer);
    assertTrue(answer.contains("huge.png"), answer);
    assertTrue(used() - before < 100 << 20, "memory");
  }

  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data)
      throws IOException {
    byte[] body =
        (type + new String(data, StandardCharsets.ISO_8859_1))
            .getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(body);
    out.write(number(data.length));
    out.write(body);
    out.write(number((int) crc.getValue()));
  }

  private static byte[] number(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }

  @Test
  void model_thatIsAZipBomb() throws IOException {
    ByteArrayOutputStream zip = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zip)) {
      byte[] zeros = new byte[1 << 20];
      for (String name : List.of("config.json", "model.weights.h5")) {
        out.putNextEntry(new ZipEntry(name));
        for (int i = 0; i < 600; i++) {
          out.write(zeros);
        }
        out.closeEntry();
      }
    }
    String answer = post("/api/model?name=bomb.keras", "X-Keralens: page\r\n", zip.toByteArray());
    refused(422, answer);
    assertTrue(get("/api/model").contains("shapes.keras"), "the model is the one before");
  }

  @Test
  void model_thatIsNone() throws IOException {
    refused(422, post("/api/model?name=a.keras", "X-Keralens: page\r\n", new byte[] {1, 2, 3}));
    refused(422, post("/api/model?name=../../etc/passwd", "X-Keralens: page\r\n", new byte[0]));
  }

  @Test
  void connections_thatAreSlow() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket
            .getOutputStream()
            .write("GET /api/model HTTP/1.1\r\nHost: 127".getBytes(StandardCharsets.ISO_8859_1));
        slow.add(socket);
      }
      long began = System.nanoTime();
      assertTrue(get("/api/items").startsWith("HTTP/1.1 200"));
      assertTrue(System.nanoTime() - began < 5e9, "others are answered meanwhile");
      Socket first = slow.get(0);
      first.setSoTimeout(60_000);
      assertTrue(ended(first.getInputStream()), "who is slow is closed");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static boolean ended(InputStream in) {
    try {
      while (in.read() >= 0) {
        // It may answer before it closes.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fpom.xml",
            "//etc/passwd",
        "/api/items/../../pom.xml", "/Assets.class", "/page.js/../../Api.class",
            "/api/gallery/99999",
        "/api/items/p1/../../x", "/index.html%00.js"
      })
  void path_outside(String path) throws IOException {
    String answer = get(path);
    assertTrue(answer.matches("(?s)HTTP/1.1 40[04].*"), answer);
    assertFalse(answer.contains("root:") || answer.contains("CAFEBABE"), answer);
  }

  @Test
  void question_thatIsNone() throws IOException {
    String own = "X-Keralens: page\r\n";
    refused(400, post("/api/explain", own, "no".getBytes(StandardCharsets.UTF_8)));
    refused(400, post("/api/explain", own, "[[[[".repeat(1000).getBytes(StandardCharsets.UTF_8)));
    refused(404, post("/api/explain", own, "{\"item\":\"p999\"}".getBytes(StandardCharsets.UTF_8)));
    refused(405, send("DELETE /api/model HTTP/1.1\r\n" + host() + cookie + own + "\r\n"));
    post("/api/gallery/0", own, new byte[0]);
    for (String asked :
        List.of(
            "{\"item\":\"p1\",\"method\":\"nothing\"}",
            "{\"item\":\"p1\",\"method\":\"gradcam\",\"units\":[999]}",
            "{\"item\":\"p1\",\"method\":\"gradcam\",\"layers\":[\"/etc/passwd\"]}",
            "{\"item\":\"p1\",\"method\":\"rise\",\"settings\":{\"samples\":\"1e99\"}}",
            "{\"item\":\"p1\",\"method\":\"rise\",\"settings\":{\"nothing\":\"1\"}}")) {
      String answer = post("/api/explain", own, asked.getBytes(StandardCharsets.UTF_8));
      assertTrue(answer.contains("\"error\"") && answer.contains("422"), answer);
      assertFalse(answer.contains("/etc/"), answer);
    }
  }

  @Test
  void answers_haveTheHeaders() throws IOException {
    for (String path : List.of("/", "/page.js", "/api/model", "/nothing")) {
      String answer = get(path).toLowerCase(java.util.Locale.ROOT);
      String policy = answer.replaceAll("(?s).*content-security-policy: ([^\r]*).*", "$1");
      assertTrue(policy.contains("default-src 'none'"), policy);
      assertFalse(policy.contains("unsafe"), policy);
      assertTrue(answer.contains("x-content-type-options: nosniff"), answer);
      assertTrue(answer.contains("frame-ancestors 'none'"), answer);
      assertTrue(answer.contains("referrer-policy: no-referrer"), answer);
      assertTrue(answer.contains("cache-control: no-store"), answer);
    }
  }
}
