package dev.keralens.onnx.data;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.file.StableFile;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The files of a model: the one with the messages, and those with external data, which may lie in
 * its folder only.
 *
 * <p>The constants of large files are read when a graph is compiled. A file that has changed by
 * then is refused: weights of one training step in the layers of another would give wrong maps
 * without a word.
 */
public final class ModelSource {
  private final Path path;
  private final boolean isFile;
  private final Map<Path, StableFile> files = new HashMap<>();

  public ModelSource(Path path) {
    this.path = path;
    this.isFile = true;
  }

  /**
   * A model that lies in memory.
   *
   * @param name what it is called, for messages
   * @param bytes the messages, not to be changed
   */
  public ModelSource(String name, ByteBuffer bytes) {
    this.path = Path.of(name);
    this.isFile = false;
    files.put(path, StableFile.held(path, bytes));
  }

  /** {@return the file's name, for messages} */
  public String name() {
    return String.valueOf(path.getFileName());
  }

  /** Reads the messages; the bytes of constants stay in the file. */
  public ModelProto read() throws IOException {
    long size = isFile ? Files.size(path) : open(path).size();
    if (size == 0) {
      throw new InvalidModelException(name() + " is empty.");
    }
    if (size > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s has %d bytes, and ONNX files end at 2 GiB; save its weights as external data."
              .formatted(name(), size));
    }
    StableFile file = open(path);
    ByteBuffer held = file.held();
    ByteBuffer bytes = held == null ? ByteBuffer.wrap(LeanMessages.read(file)) : held;
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
      if (location.equals(LeanMessages.SELF)) {
        return region(open(path), location, offset, length, tensor);
      }
      if (!isFile) {
        throw new UnsupportedModelException(
            "The data of '%s' lies in '%s' beside %s, which was not read from a folder; load the model from its file."
                .formatted(tensor, location, name()));
      }
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
      return region(open(resolved), location, offset, length, tensor);
    } catch (InvalidPathException e) {
      throw outside(tensor, location);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The data of '%s' of %s in '%s' cannot be read.".formatted(tensor, name(), location), e);
    }
  }

  private Region region(StableFile file, String location, long offset, long length, String tensor) {
    if (offset < 0 || length < 0 || offset > file.size() - length) {
      throw new InvalidModelException(
          "The data of '%s' of %s are %d bytes from byte %d of '%s', which has %d."
              .formatted(tensor, name(), length, offset, location, file.size()));
    }
    return new Region(file, offset, length);
  }

  /** Each file is opened once: all that is read of it is of one version. */
  private StableFile open(Path file) throws IOException {
    synchronized (files) {
      StableFile known = files.get(file);
      if (known == null) {
        known = StableFile.open(file, StableFile.HELD, InvalidModelException::new);
        files.put(file, known);
      }
      return known;
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
  record Region(StableFile file, long offset, long length) {
    /** {@return some of the bytes} */
    ByteBuffer bytes(long from, long count) {
      ByteBuffer held = file.held();
      if (held != null) {
        return held.slice((int) (offset + from), (int) count).order(ByteOrder.LITTLE_ENDIAN);
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) count).order(ByteOrder.LITTLE_ENDIAN);
      file.read(offset + from, bytes);
      return bytes.flip();
    }
  }
}
