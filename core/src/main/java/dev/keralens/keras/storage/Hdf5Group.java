package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.text.Printable;
import io.jhdf.HdfFile;
import io.jhdf.Superblock;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.exceptions.HdfException;
import io.jhdf.exceptions.UnsupportedHdfException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A group of an HDF5 file: groups and arrays by name, and texts as attributes. All that jHDF throws
 * on a damaged file becomes one of our two exceptions here. Links, soft or to other files, are not
 * followed: Keras writes none, and a model must not reach out of its file.
 */
public final class Hdf5Group {
  /** What every HDF5 file begins with; a user block may come before, of 512 bytes or more. */
  private static final long SIGNATURE = 0x0a1a0a0d46444889L;

  private static final long MAX_SUPERBLOCK = 256;

  private static final Pattern UNSUPPORTED = Pattern.compile("(?i)not supported|not available");

  /** Deeper than any model nests. */
  private static final int MAX_DEPTH = 500;

  private final FileRegion file;
  private final Group group;

  private Hdf5Group(FileRegion file, Group group) {
    this.file = file;
    this.group = group;
  }

  /** {@return whether the region begins as HDF5 files do} */
  public static boolean isHdf5(FileRegion file) {
    return signature(file) >= 0;
  }

  private static long signature(FileRegion file) {
    for (long at = 0; at + 8 <= file.size(); at = at == 0 ? 512 : at * 2) {
      if (file.bytes(at, 8).getLong() == SIGNATURE) {
        return at;
      }
    }
    return -1;
  }

  /**
   * {@return the root group of an HDF5 file}
   *
   * @throws InvalidModelException if the region is none, or is damaged
   */
  public static Hdf5Group open(FileRegion file) {
    long start = signature(file);
    if (start < 0) {
      throw new InvalidModelException(file.name() + " is no HDF5 file: its signature is missing.");
    }
    QuietLogging.prepare();
    return new Hdf5Group(
        file,
        guard(
            file,
            () -> {
              checkLength(file, start);
              return file.isHeld()
                  ? HdfFile.fromByteBuffer(file.bytes(0, file.size()))
                  : new HdfFile(new RegionChannel(file), URI.create("file:///weights.h5"));
            }));
  }

  /** The file says where it ends; arrays at the end of a shorter one would be cut. */
  private static void checkLength(FileRegion file, long start) {
    ByteBuffer head = file.bytes(start, Math.min(MAX_SUPERBLOCK, file.size() - start));
    long end = Superblock.readSuperblock(head).getEndOfFileAddress();
    if (end > file.size()) {
      throw new InvalidModelException(
          "%s is cut short: it has %d of %d bytes. Copy or save the model again."
              .formatted(file.name(), file.size(), end));
    }
  }

  /** {@return the file's name and this group's path in it, for messages} */
  String name() {
    return file.name() + ":" + group.getPath();
  }

  /**
   * {@return the group at a path below this one, where there is one}
   *
   * @param path names joined by {@code /}
   */
  public Optional<Hdf5Group> group(String path) {
    Node node = find(path);
    return node instanceof Group found ? Optional.of(new Hdf5Group(file, found)) : Optional.empty();
  }

  /**
   * {@return the array at a path below this group, where there is one}
   *
   * @param path names joined by {@code /}
   */
  public Optional<WeightArray> array(String path) {
    Node node = find(path);
    return node instanceof Dataset found
        ? Optional.of(guard(file, () -> Hdf5Data.array(file, found)))
        : Optional.empty();
  }

  /** {@return the names of the groups and arrays in this group} */
  public Set<String> names() {
    return guard(file, () -> group.getChildren().keySet());
  }

  /** {@return whether an array lies in this group or in a group below it} */
  public boolean hasArrays() {
    return hasArrays(group, new HashSet<>(), 0);
  }

  /** Groups may form circles; each is visited once. */
  private boolean hasArrays(Group group, Set<Long> visited, int depth) {
    if (depth > MAX_DEPTH || !visited.add(group.getAddress())) {
      return false;
    }
    for (Node child : guard(file, () -> group.getChildren().values())) {
      if (child instanceof Dataset
          || (child instanceof Group inner && hasArrays(inner, visited, depth + 1))) {
        return true;
      }
    }
    return false;
  }

  /** {@return a text that is an attribute of this group} */
  public Optional<String> text(String attribute) {
    return texts(attribute).map(texts -> texts.isEmpty() ? "" : texts.get(0));
  }

  /**
   * {@return a list of texts that is an attribute of this group} Keras cuts a list that is too long
   * for an attribute into {@code name0}, {@code name1}, and so on.
   */
  public Optional<List<String>> texts(String attribute) {
    Optional<List<String>> whole = guard(file, () -> attribute(attribute));
    if (whole.isPresent()) {
      return whole;
    }
    List<String> joined = new ArrayList<>();
    for (int i = 0; ; i++) {
      String part = attribute + i;
      Optional<List<String>> texts = guard(file, () -> attribute(part));
      if (texts.isEmpty()) {
        return i == 0 ? Optional.empty() : Optional.of(joined);
      }
      joined.addAll(texts.get());
    }
  }

  private Optional<List<String>> attribute(String name) {
    Attribute attribute = group.getAttributes().get(name);
    if (attribute == null) {
      return Optional.empty();
    }
    if (attribute.isEmpty()) {
      return Optional.of(List.of());
    }
    if (attribute.getSize() < 0 || attribute.getSize() > file.size()) {
      throw new InvalidModelException(
          "%s: attribute '%s' claims %d elements; the file is damaged."
              .formatted(name(), name, attribute.getSize()));
    }
    Object data = attribute.getData();
    List<String> texts = new ArrayList<>();
    if (data instanceof String text) {
      texts.add(text);
    } else if (data != null && data.getClass().isArray()) {
      for (int i = 0; i < Array.getLength(data); i++) {
        if (Array.get(data, i) instanceof String text) {
          texts.add(text);
        }
      }
    }
    return Optional.of(texts);
  }

  private @Nullable Node find(String path) {
    @Nullable Node node = group;
    for (String name : path.split("/", -1)) {
      if (name.isEmpty()) {
        continue;
      }
      if (!(node instanceof Group parent)) {
        return null;
      }
      node = guard(file, () -> parent.getChild(name));
      if (node != null && node.isLink()) {
        throw new UnsupportedModelException(
            "%s: '%s' is a link; save the model again, so that its weights lie in the file itself."
                .formatted(name(), path));
      }
    }
    return node;
  }

  /** Runs something that reads the file by jHDF. */
  static <T> T guard(FileRegion file, Supplier<T> read) {
    try {
      return read.get();
    } catch (InvalidModelException | UnsupportedModelException | UncheckedIOException e) {
      throw e;
    } catch (UnsupportedHdfException e) {
      throw new UnsupportedModelException(
          "%s uses a feature of HDF5 that is not read: %s"
              .formatted(file.name(), Printable.reason(e)),
          e);
    } catch (StackOverflowError | OutOfMemoryError e) {
      throw ModelFiles.exhausted(file.name(), e);
    } catch (RuntimeException e) {
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof InvalidModelException || cause instanceof UncheckedIOException) {
          throw (RuntimeException) cause; // ours, from reading the file, in one of jHDF's
        }
      }
      // jHDF relies on what the file claims; a damaged one ends here.
      Throwable unknown = unsupported(e);
      if (unknown != null) {
        throw new UnsupportedModelException(
            "%s uses a feature of HDF5 that is not read: %s"
                .formatted(file.name(), Printable.reason(unknown)),
            e);
      }
      throw new InvalidModelException(
          "%s is cut short or damaged: %s".formatted(file.name(), Printable.reason(e)), e);
    }
  }

  /** What says that jHDF does not know something, which it says of whole files as of features. */
  private static @Nullable Throwable unsupported(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsupportedHdfException
          || cause instanceof UnsupportedOperationException
          || (cause instanceof HdfException
              && UNSUPPORTED.matcher(String.valueOf(cause.getMessage())).find())) {
        return cause;
      }
    }
    return null;
  }
}
