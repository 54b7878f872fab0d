package dev.keralens.web.http;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says who may ask. Four things have to be right, and each of them ends an attack of its own.
 *
 * <ul>
 *   <li>The Host header names this machine: a page elsewhere whose name was bound to this address
 *       (DNS rebinding) names its own.
 *   <li>Origin and Sec-Fetch-Site name this server: pages of other sites cannot make a browser ask
 *       in their place (cross-site request forgery). What changes something needs an Origin, or a
 *       header that no foreign page may send.
 *   <li>The cookie is there, which only who knows the token of the address gets: other users and
 *       programs of the machine do not.
 *   <li>The token is compared in constant time.
 * </ul>
 */
final class Guard {
  /** What the page sends with whatever changes something. */
  static final String HEADER = "X-Keralens";

  private static final int BYTES = 24;

  private final Set<String> hosts;
  private final String token = random();
  private final String secret = random();
  private final String cookie;

  /**
   * A guard.
   *
   * @param address what the server listens at
   * @param port its port
   */
  Guard(InetAddress address, int port) {
    this.hosts = hosts(address, port);
    this.cookie = "keralens-" + port;
  }

  private static String random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static Set<String> hosts(InetAddress address, int port) {
    Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
    if (address.isAnyLocalAddress()) {
      try {
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .forEach(own -> names.add(literal(own)));
        names.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
      } catch (SocketException | java.net.UnknownHostException e) {
        // What is known is enough: another name is refused.
      }
    } else if (!address.isLoopbackAddress()) {
      names.add(literal(address));
      names.add(address.getHostName().toLowerCase(Locale.ROOT));
    }
    Set<String> all = new HashSet<>();
    names.forEach(name -> all.add(name + ":" + port));
    if (port == 80) {
      all.addAll(names);
    }
    return all;
  }

  /** An address as it stands in a Host header. */
  static String literal(InetAddress address) {
    String text = address.getHostAddress().replaceAll("%.*", "");
    return address.getAddress().length > 4 ? "[" + text + "]" : text;
  }

  /** The token of the address that is opened first. */
  String token() {
    return token;
  }

  /** The header that gives a browser the cookie. */
  String cookieHeader() {
    return "%s=%s; Path=/; HttpOnly; SameSite=Strict".formatted(cookie, secret);
  }

  /** Whether a token is the right one. */
  boolean isToken(String given) {
    return same(token, given);
  }

  /** Why a request is refused, whatever it asks for; null if it is not. */
  @Nullable Refusal refusal(Request request) {
    String host = request.header("Host");
    if (host == null
        || request.headers("Host") != 1
        || !hosts.contains(host.toLowerCase(Locale.ROOT))) {
      return new Refusal(421, "This server does not answer to that name.");
    }
    String origin = request.header("Origin");
    boolean own = origin != null && isOwn(origin);
    if (origin != null && !own) {
      return new Refusal(403, "Pages of other sites may not ask.");
    }
    String site = request.header("Sec-Fetch-Site");
    boolean navigates = "navigate".equals(request.header("Sec-Fetch-Mode"));
    boolean reads = request.method().equals("GET");
    if (site != null
        && !site.equals("same-origin")
        && !(site.equals("none") && reads)
        && !(navigates && reads && request.path().equals("/"))) {
      return new Refusal(403, "Pages of other sites may not ask.");
    }
    if (!reads && !own && request.header(HEADER) == null) {
      return new Refusal(403, "The request does not say which page it is from.");
    }
    return null;
  }

  private boolean isOwn(String origin) {
    return origin.startsWith("http://")
        && hosts.contains(origin.substring("http://".length()).toLowerCase(Locale.ROOT));
  }

  /** Whether a request has the cookie. */
  boolean isKnown(Request request) {
    String cookies = request.header("Cookie");
    return cookies != null
        && Arrays.stream(cookies.split(";", -1))
            .map(String::strip)
            .filter(pair -> pair.startsWith(cookie + "="))
            .anyMatch(pair -> same(secret, pair.substring(cookie.length() + 1)));
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
