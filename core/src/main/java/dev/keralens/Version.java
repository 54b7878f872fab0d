package dev.keralens;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this library. */
public final class Version {
  private static final String CURRENT = read();

  private Version() {}

  /**
   * The version of this library as Maven writes it.
   *
   * @return for example {@code 0.1.0}
   */
  public static String current() {
    return CURRENT;
  }

  private static String read() {
    // A resource, not the manifest: the jar may be shaded, or the classes lie in a directory.
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IllegalStateException(
            "version.properties is missing beside " + Version.class.getName());
      }
      Properties properties = new Properties();
      properties.load(in);
      String version = properties.getProperty("version");
      if (version == null) {
        throw new IllegalStateException("version.properties has no entry 'version'");
      }
      return version;
    } catch (IOException e) {
      throw new UncheckedIOException("version.properties cannot be read", e);
    }
  }
}
