package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The BOM has no parent, so what it repeats is compared. */
class BomTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern PARENT = Pattern.compile("(?s)<parent>.*?</parent>");
  private static final Pattern MANAGED =
      Pattern.compile("<artifactId>(keralens-(?!bom)[^<]+)</artifactId>");

  private static String pom(String folder) throws IOException {
    return Files.readString(ROOT.resolve(folder).resolve("pom.xml"));
  }

  private static String first(String pom, String tag) {
    Matcher matcher =
        Pattern.compile("<%s>([^<]*)</%s>".formatted(tag, Pattern.quote(tag))).matcher(pom);
    assertTrue(matcher.find(), tag);
    return matcher.group(1);
  }

  @Test
  void bom_hasTheVersionOfTheOthers() throws IOException {
    String parent = pom(".");
    String bom = pom("bom");
    for (String tag : new String[] {"version", "url", "project.build.outputTimestamp"}) {
      assertEquals(first(parent, tag), first(bom, tag), tag);
    }
    assertEquals(
        first(parent, "version"), first(pom("outside/maven"), "keralens.version"), "outside");
  }

  @Test
  void bom_hasWhatIsPublished() throws IOException {
    Set<String> published = new TreeSet<>();
    for (String folder : new String[] {"core", "web", "app", "spark/2.12", "spark/2.13"}) {
      published.add(first(PARENT.matcher(pom(folder)).replaceAll(""), "artifactId"));
    }
    Set<String> managed = new TreeSet<>();
    MANAGED.matcher(pom("bom")).results().forEach(result -> managed.add(result.group(1)));
    assertEquals(published, managed);
  }
}
