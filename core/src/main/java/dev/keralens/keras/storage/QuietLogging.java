package dev.keralens.keras.storage;

import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * jhdf logs through SLF4J. Where a program has no logging of SLF4J's, that says so in three lines
 * of standard error; nobody who explains a model asked for it.
 */
final class QuietLogging {
  private static final String VERBOSITY = "slf4j.internal.verbosity";

  private QuietLogging() {}

  /**
   * Sets SLF4J up without these lines, where nothing logs and nobody has said how much it should
   * say of itself. Everything else that it has to say is said.
   */
  static void prepare() {
    Once.prepare();
  }

  private static final class Once {
    static {
      ServiceLoader<SLF4JServiceProvider> providers =
          ServiceLoader.load(SLF4JServiceProvider.class, LoggerFactory.class.getClassLoader());
      if (providers.stream().findAny().isEmpty() && System.getProperty(VERBOSITY) == null) {
        System.setProperty(VERBOSITY, "ERROR");
        try {
          LoggerFactory.getILoggerFactory();
        } finally {
          System.clearProperty(VERBOSITY);
        }
      }
    }

    static void prepare() {
      // The work is done where the class begins.
    }
  }
}
