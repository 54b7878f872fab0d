package dev.keralens.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A model as it is named: a file, a folder, the name of a published network, or {@code hub:} and
 * the folder of a preset of KerasHub.
 */
final class ModelPath implements ITypeConverter<Path> {
  private static final String HUB = "hub:";

  @Override
  public Path convert(String value) {
    if (!value.toLowerCase(Locale.ROOT).startsWith(HUB)) {
      return Path.of(value);
    }
    String folder = value.substring(HUB.length());
    if (folder.isEmpty() || !isFolder(folder)) {
      throw new TypeConversionException(
          "'%s' names no folder. Presets are read from folders, as task.save_to_preset('FOLDER') writes them; nothing is downloaded by name."
              .formatted(value));
    }
    return Path.of(folder);
  }

  private static boolean isFolder(String name) {
    try {
      return Files.isDirectory(Path.of(name));
    } catch (java.nio.file.InvalidPathException e) {
      return false; // Such as kaggle://user/bert on some systems.
    }
  }
}
