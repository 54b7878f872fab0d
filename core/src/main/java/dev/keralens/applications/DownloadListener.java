package dev.keralens.applications;

/** Hears how a download gets on. */
@FunctionalInterface
public interface DownloadListener {
  /** Hears nothing. */
  DownloadListener NONE = (file, done, total) -> {};

  /**
   * Called when a download begins, after each piece, and when it is complete; from the thread that
   * asked for the file.
   *
   * @param file the file
   * @param done how many bytes are there
   * @param total how many there will be, -1 if the server does not say
   */
  void progress(PublishedFile file, long done, long total);
}
