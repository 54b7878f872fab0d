package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No comment of documentation stands before another one: newer JDKs refuse to compile such a file,
 * and JDK 17 says nothing.
 */
class DanglingCommentTest {
  private static final Pattern TWO = Pattern.compile("\\*/\\s*/\\*\\*(?!/)");

  @Test
  void comments_areOfWhatFollows() throws IOException {
    List<String> dangling = new ArrayList<>();
    for (String module : new String[] {"core", "web", "app", "spark"}) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String code = Files.readString(file);
          Matcher two = TWO.matcher(code);
          while (two.find()) {
            String before = code.substring(0, two.start());
            if (before.startsWith("/**", before.lastIndexOf("/*"))) {
              dangling.add(file.getFileName() + " " + before.lines().count());
            }
          }
        }
      }
    }
    assertEquals(List.of(), dangling);
  }
}
