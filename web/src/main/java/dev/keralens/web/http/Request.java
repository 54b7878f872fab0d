package dev.keralens.web.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that may be answered. */
public final class Request {
  private final HttpExchange exchange;
  private final Map<String, String> query;

  Request(HttpExchange exchange) {
    this.exchange = exchange;
    this.query = pairs(exchange.getRequestURI().getRawQuery());
  }

  private static Map<String, String> pairs(@Nullable String raw) {
    Map<String, String> all = new LinkedHashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          all.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
        }
      }
    }
    return all;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** {@return the method, such as GET} */
  public String method() {
    return exchange.getRequestMethod();
  }

  /** {@return the path as it was sent, beginning with a slash} */
  public String path() {
    String path = exchange.getRequestURI().getRawPath();
    return path == null ? "/" : path;
  }

  /**
   * {@return a value of the address behind the question mark; empty where there is none}
   *
   * @param name its name
   */
  public String query(String name) {
    return query.getOrDefault(name, "");
  }

  /** A header; null where there is none. */
  @Nullable String header(String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  /** How often a header comes. */
  int headers(String name) {
    var all = exchange.getRequestHeaders().get(name);
    return all == null ? 0 : all.size();
  }

  /**
   * {@return what was sent}
   *
   * @param most how many bytes are read at most
   * @throws Refusal if there are more: what claims to be larger is not read at all
   * @throws IOException if it ends early
   */
  public byte[] body(long most) throws IOException {
    String claimed = header("Content-Length");
    if (claimed != null && (!claimed.matches("\\d{1,18}") || Long.parseLong(claimed) > most)) {
      throw tooLarge(most);
    }
    InputStream in = exchange.getRequestBody();
    byte[] bytes = in.readNBytes(Math.toIntExact(most + 1));
    if (bytes.length > most) {
      throw tooLarge(most);
    }
    return bytes;
  }

  private static Refusal tooLarge(long most) {
    return new Refusal(
        413, "The file is too large: at most %d MB are taken.".formatted(most >> 20));
  }
}
