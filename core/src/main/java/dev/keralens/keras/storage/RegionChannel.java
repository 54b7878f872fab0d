package dev.keralens.keras.storage;

import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A region of a file that is not held in memory, as a channel to read from. */
final class RegionChannel implements SeekableByteChannel {
  private final FileRegion region;
  private long position;

  RegionChannel(FileRegion region) {
    this.region = region;
  }

  @Override
  public int read(ByteBuffer to) {
    if (position >= region.size()) {
      return -1;
    }
    int length = (int) Math.min(to.remaining(), region.size() - position);
    int end = to.limit();
    region.readInto(position, to.limit(to.position() + length));
    to.limit(end);
    position += length;
    return length;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) {
    position = to;
    return this;
  }

  @Override
  public long size() {
    return region.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
