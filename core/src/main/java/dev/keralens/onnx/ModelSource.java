package dev.keralens.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of a model: the one with the messages, and those with external data, which may lie in
 * its folder only.
 *
 * <p>Files are mapped, and constants are slices of them, read when a graph is compiled. A file that
 * has changed by then is refused.
 */
final class ModelSource {
  private final Path path;
  private final Map<Path, Version> versions = new ConcurrentHashMap<>();

  private record Version(long size, FileTime modified) {}

  ModelSource(Path path) {
    this.path = path;
  }

  /** {@return the file's name, for messages} */
  String name() {
    return String.valueOf(path.getFileName());
  }

  /** Reads the messages; the bytes of constants stay in the file. */
  ModelProto read() throws IOException {
    long size = Files.size(path);
    if (size == 0) {
      throw new InvalidModelException(name() + " is empty.");
    }
    if (size > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s has %d bytes, and ONNX files end at 2 GiB; save its weights as external data."
              .formatted(name(), size));
    }
    ByteBuffer bytes = map(path, 0, size);
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      return ModelProto.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModelException(
          "%s is no ONNX model, or is damaged: %s".formatted(name(), Printable.reason(e)), e);
    }
  }

  /**
   * {@return the bytes of a constant in a file beside the model}
   *
   * @param location the file, relative to the model's folder
   * @param offset the first byte
   * @param length the number of bytes
   * @param tensor the constant's name
   */
  Region external(String location, long offset, long length, String tensor) {
    try {
      Path folder = path.toAbsolutePath().normalize().getParent();
      Path file = Path.of(location);
      if (folder == null || location.isEmpty() || file.isAbsolute()) {
        throw outside(tensor, location);
      }
      Path resolved = folder.resolve(file).normalize();
      if (!resolved.startsWith(folder)) {
        throw outside(tensor, location);
      }
      if (!Files.isRegularFile(resolved)) {
        throw new InvalidModelException(
            "The data of '%s' lies in '%s' beside %s, and there is no such file."
                .formatted(tensor, location, name()));
      }
      if (!resolved.toRealPath().startsWith(folder.toRealPath())) {
        throw outside(tensor, location);
      }
      long size = Files.size(resolved);
      if (offset < 0 || length < 0 || offset > size - length) {
        throw new InvalidModelException(
            "The data of '%s' of %s are %d bytes from byte %d of '%s', which has %d."
                .formatted(tensor, name(), length, offset, location, size));
      }
      remember(resolved);
      return new Region(resolved, offset, length);
    } catch (InvalidPathException e) {
      throw outside(tensor, location);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The data of '%s' of %s in '%s' cannot be read.".formatted(tensor, name(), location), e);
    }
  }

  private InvalidModelException outside(String tensor, String location) {
    return new InvalidModelException(
        "The data of '%s' are said to lie in '%s', which is not in the folder of %s."
            .formatted(tensor, location, name()));
  }

  /**
   * A part of a file.
   *
   * @param file the file
   * @param offset the first byte
   * @param length the number of bytes
   */
  record Region(Path file, long offset, long length) {}

  /** {@return the bytes of a part of a file, mapped} */
  ByteBuffer map(Region region) {
    checkUnchanged();
    try {
      return map(region.file, region.offset, region.length);
    } catch (IOException e) {
      throw new UncheckedIOException("'%s' cannot be read.".formatted(region.file), e);
    }
  }

  private ByteBuffer map(Path file, long offset, long length) throws IOException {
    remember(file);
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() < offset + length) {
        throw changed(file);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private void remember(Path file) throws IOException {
    if (!versions.containsKey(file)) {
      versions.putIfAbsent(file, version(file));
    }
  }

  private static Version version(Path file) throws IOException {
    return new Version(Files.size(file), Files.getLastModifiedTime(file));
  }

  /**
   * Compares the files with what they were when they were opened: weights of one training step in
   * the layers of another would give wrong maps without a word.
   *
   * @throws InvalidModelException if one has changed
   */
  void checkUnchanged() {
    versions.forEach(
        (file, known) -> {
          try {
            if (!version(file).equals(known)) {
              throw changed(file);
            }
          } catch (IOException e) {
            throw new UncheckedIOException("'%s' cannot be read.".formatted(file), e);
          }
        });
  }

  private static InvalidModelException changed(Path file) {
    return new InvalidModelException(
        "'%s' has changed since it was opened; open it again.".formatted(file.getFileName()));
  }
}
