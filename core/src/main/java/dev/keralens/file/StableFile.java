package dev.keralens.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read late: whoever reads it gets the bytes that it had when it was opened, or is
 * refused. Another program may overwrite, shorten, replace or delete it at any time.
 *
 * <p>A small file is read whole when it is opened, and held. A large one is read where and when it
 * is asked for, and its {@linkplain FileStamp stamp} is compared after that; where stamps do not
 * tell, checksums of its parts are, which are taken when it is opened. Nothing is mapped: a mapping
 * of a file that another program cuts short ends the process.
 *
 * <p>Safe for use by several threads. Nothing needs closing: the collector closes the file.
 */
public final class StableFile {
  /** Up to this many bytes a file is held in memory. */
  public static final int HELD = 1 << 24;

  /** Java copies through native memory of the size of a read, which it keeps. */
  private static final int AT_ONCE = 1 << 20;

  private static final int TRIES = 3;

  private final FileStamp stamp;
  private final Function<String, ? extends RuntimeException> refusal;
  private final @Nullable ByteBuffer held;

  /** The CRC-32 of each part of {@link #AT_ONCE} bytes, where the stamp does not tell. */
  private int @Nullable [] sums;

  private @Nullable FileChannel channel;

  private StableFile(
      FileStamp stamp,
      Function<String, ? extends RuntimeException> refusal,
      @Nullable ByteBuffer held) {
    this.stamp = stamp;
    this.refusal = refusal;
    this.held = held;
  }

  /**
   * Opens a file.
   *
   * @param file an existing file
   * @param limit up to how many bytes it is held in memory; usually {@link #HELD}
   * @param refusal makes the exception of a message, where the file has changed
   * @return the file
   * @throws IOException if it cannot be read
   */
  public static StableFile open(
      Path file, long limit, Function<String, ? extends RuntimeException> refusal)
      throws IOException {
    for (int i = 1; ; i++) {
      FileStamp stamp = FileStamp.now(file);
      if (stamp.size() > limit) {
        stamp = FileStamp.settled(file);
      }
      StableFile opened = open(stamp, limit, refusal, stamp.isTelling());
      if (opened.held == null) {
        LateReads.done(opened);
        return opened;
      }
      if (opened.isWhole(limit)) {
        return opened;
      }
      if (i == TRIES) {
        throw refusal.apply(
            "'%s' is being written by another program; open it again when that has ended."
                .formatted(file.getFileName()));
      }
    }
  }

  /**
   * Whether what is held was there at one time. A file that was written just now may change without
   * another stamp: it is read once more, which takes less time than to wait for a telling stamp.
   */
  private boolean isWhole(long limit) throws IOException {
    return stamp.isUnchanged()
        && (!stamp.isFresh()
            || Objects.equals(held, open(stamp, limit, refusal, stamp.isTelling()).held));
  }

  /** As above; {@code telling} says whether the stamp is enough to see a change. */
  static StableFile open(
      FileStamp stamp,
      long limit,
      Function<String, ? extends RuntimeException> refusal,
      boolean telling)
      throws IOException {
    StableFile late = new StableFile(stamp, refusal, null);
    late.channel = FileChannel.open(stamp.file(), StandardOpenOption.READ);
    if (stamp.size() <= Math.min(limit, Integer.MAX_VALUE - 8)) {
      ByteBuffer all = ByteBuffer.allocate((int) stamp.size());
      late.readNow(0, all);
      late.forget(late.channel);
      return new StableFile(stamp, refusal, all.flip().order(ByteOrder.LITTLE_ENDIAN));
    }
    if (!telling) {
      late.sums = late.sums();
    }
    return late;
  }

  /**
   * {@return bytes that lie in memory, as a file of a name that is not read}
   *
   * @param name what they are called, for messages
   * @param bytes from the first to the limit, not to be changed
   */
  public static StableFile held(Path name, ByteBuffer bytes) {
    FileStamp stamp = new FileStamp(name, bytes.limit(), FileTime.fromMillis(0), null, null);
    return new StableFile(stamp, IllegalStateException::new, bytes.duplicate());
  }

  /** {@return the file's path} */
  public Path path() {
    return stamp.file();
  }

  /** {@return the number of its bytes} */
  public long size() {
    return stamp.size();
  }

  /** {@return all its bytes, not to be changed, where they are held in memory; else null} */
  public @Nullable ByteBuffer held() {
    return held == null ? null : held.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a part of the file.
   *
   * @param from the first byte
   * @param to takes as many bytes as it has room for, which the file must have
   * @throws UncheckedIOException if the file cannot be read
   * @throws RuntimeException the refusal, if the file has changed since it was opened
   */
  public void read(long from, ByteBuffer to) {
    if (held != null) {
      to.put(held.slice((int) from, to.remaining()));
      return;
    }
    try {
      if (sums == null) {
        readNow(from, to);
      } else {
        readParts(sums, from, to);
      }
    } catch (NoSuchFileException | EOFException e) {
      throw changed();
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read.".formatted(path().getFileName()), e);
    }
    LateReads.done(this);
  }

  /** Refuses the file if it is not as it was; where there are checksums, reads have done so. */
  void check() {
    if (held == null && sums == null && !stamp.isUnchanged()) {
      throw changed();
    }
  }

  private RuntimeException changed() {
    return refusal.apply(
        "'%s' has changed since it was opened; open it again.".formatted(path().getFileName()));
  }

  /** An interrupt of a thread that reads closes the file; it is opened again. */
  private void readNow(long from, ByteBuffer to) throws IOException {
    int start = to.position();
    int end = to.limit();
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel open = channel();
        try {
          copy(open, from, to);
          return;
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          forget(open);
          to.limit(end).position(start);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void copy(FileChannel channel, long from, ByteBuffer to) throws IOException {
    int start = to.position();
    int end = to.limit();
    while (to.position() < end) {
      to.limit(Math.min(end, to.position() + AT_ONCE));
      if (channel.read(to, from + to.position() - start) < 0) {
        throw new EOFException("The file has become shorter.");
      }
      to.limit(end);
    }
  }

  private synchronized FileChannel channel() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      open = FileChannel.open(path(), StandardOpenOption.READ);
      channel = open;
    }
    return open;
  }

  private synchronized void forget(FileChannel closed) throws IOException {
    closed.close();
    if (channel == closed) {
      channel = null;
    }
  }

  private int[] sums() throws IOException {
    int[] all = new int[(int) ((size() + AT_ONCE - 1) / AT_ONCE)];
    for (int part = 0; part < all.length; part++) {
      all[part] = sum(part(part));
    }
    return all;
  }

  private ByteBuffer part(int part) throws IOException {
    long from = (long) part * AT_ONCE;
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(AT_ONCE, size() - from));
    readNow(from, bytes);
    return bytes.flip();
  }

  private static int sum(ByteBuffer bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes.duplicate());
    return (int) sum.getValue();
  }

  private void readParts(int[] known, long from, ByteBuffer to) throws IOException {
    for (long at = from; to.hasRemaining(); ) {
      int part = (int) (at / AT_ONCE);
      ByteBuffer bytes = part(part);
      if (sum(bytes) != known[part]) {
        throw changed();
      }
      int skipped = (int) (at % AT_ONCE);
      int length = Math.min(to.remaining(), bytes.remaining() - skipped);
      to.put(bytes.slice(skipped, length));
      at += length;
    }
  }
}
