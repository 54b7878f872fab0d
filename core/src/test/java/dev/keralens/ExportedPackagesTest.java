package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is exported and not experimental is compared with the release before. */
class ExportedPackagesTest {
  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(match -> match.replaceAll("exports |;|</?include>", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void stablePackages_areThoseThatTheReleaseBeforeIsComparedIn() throws IOException {
    String module = Files.readString(Path.of("src/main/java/module-info.java"));
    String stable = module.substring(0, module.indexOf("// Experimental"));
    Set<String> exported = found("exports [\\w.]+;", stable);
    assertTrue(exported.contains("dev.keralens"));
    assertEquals(
        exported,
        found("<include>dev\\.keralens[\\w.]*</include>", Files.readString(Path.of("pom.xml"))));
  }
}
