package dev.keralens.web.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LocalServerTest {
  /** More than the server has connections. */
  private static final int ALL = 700;

  @Test
  void clients_thatGoAwayLeaveNoConnectionBehind() throws Exception {
    AtomicInteger broken = new AtomicInteger();
    try (LocalServer server =
        LocalServer.start(
            InetAddress.getLoopbackAddress(),
            0,
            request ->
                Reply.stream(
                    "text/plain",
                    out -> {
                      try {
                        for (int i = 0; i < 1000; i++) {
                          out.write(new byte[64 << 10]);
                          out.flush();
                        }
                      } catch (IOException e) {
                        broken.incrementAndGet();
                        throw e;
                      }
                    }),
            failure -> new Refusal(500, String.valueOf(failure)))) {
      CookieManager cookies = new CookieManager();
      HttpClient client = HttpClient.newBuilder().cookieHandler(cookies).build();
      URI url = URI.create(server.url());
      client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.discarding());
      HttpCookie cookie = cookies.getCookieStore().getCookies().get(0);
      for (int i = 0; i < ALL; i++) {
        goAway(server.port(), cookie);
      }
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(url.resolve("/more")).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(200, response.statusCode());
      response.body().close();
      assertTrue(broken.get() > ALL / 2, broken + " answers broke off");
    }
  }

  /** Asks, reads a little, and is gone. */
  private static void goAway(int port, HttpCookie cookie) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      String asked =
          "GET /more HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s=%s\r\n\r\n"
              .formatted(port, cookie.getName(), cookie.getValue());
      socket.getOutputStream().write(asked.getBytes(StandardCharsets.US_ASCII));
      assertTrue(socket.getInputStream().read() >= 0, "it answers");
    }
  }
}
