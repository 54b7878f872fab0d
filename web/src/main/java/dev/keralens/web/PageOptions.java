package dev.keralens.web;

import java.net.InetAddress;
import java.util.List;

/**
 * How a page is served.
 *
 * @param address what the server listens at
 * @param port its port; 0 for one that is free
 * @param mostBytes how large a picture's file may be
 * @param mostPixels how many pixels a picture may have
 * @param mostModelBytes how large a model's file may be that somebody uploads
 * @param mostHeld how many bytes of pictures are held; the oldest are let go
 * @param mostWaiting how many explanations may wait
 * @param samples what is shown first
 */
public record PageOptions(
    InetAddress address,
    int port,
    long mostBytes,
    long mostPixels,
    long mostModelBytes,
    long mostHeld,
    int mostWaiting,
    List<Sample> samples) {
  /** Takes an unmodifiable copy. */
  public PageOptions {
    samples = List.copyOf(samples);
  }

  /**
   * A picture that the page has from the start.
   *
   * @param name what it is called
   * @param label its class where that is known; else empty
   * @param source gives the file
   */
  public record Sample(String name, String label, Source source) {}

  /** Gives a file. */
  @FunctionalInterface
  public interface Source {
    /**
     * {@return the file's content}
     *
     * @throws java.io.IOException if it cannot be read
     */
    byte[] read() throws java.io.IOException;
  }

  /** {@return the usual limits, for this machine alone} */
  public static PageOptions defaults() {
    return new PageOptions(
        InetAddress.getLoopbackAddress(),
        0,
        20L << 20,
        50_000_000,
        512L << 20,
        Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 4),
        64,
        List.of());
  }

  /**
   * {@return these options with another port}
   *
   * @param number the port; 0 for one that is free
   */
  public PageOptions withPort(int number) {
    return new PageOptions(
        address, number, mostBytes, mostPixels, mostModelBytes, mostHeld, mostWaiting, samples);
  }

  /**
   * {@return these options with another address}
   *
   * @param listening what the server listens at
   */
  public PageOptions withAddress(InetAddress listening) {
    return new PageOptions(
        listening, port, mostBytes, mostPixels, mostModelBytes, mostHeld, mostWaiting, samples);
  }

  /**
   * {@return these options with other pictures}
   *
   * @param first what is shown first
   */
  public PageOptions withSamples(List<Sample> first) {
    return new PageOptions(
        address, port, mostBytes, mostPixels, mostModelBytes, mostHeld, mostWaiting, first);
  }

  /**
   * {@return these options with other limits of memory}
   *
   * @param held how many bytes of pictures are held
   * @param waiting how many explanations may wait
   */
  public PageOptions withLimits(long held, int waiting) {
    return new PageOptions(
        address, port, mostBytes, mostPixels, mostModelBytes, held, waiting, samples);
  }
}
