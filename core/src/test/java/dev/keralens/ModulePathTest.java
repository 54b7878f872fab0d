package dev.keralens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Programs on the module path find what programs on the class path find. */
class ModulePathTest {
  private static final Pattern NOT_AT_RUN_TIME =
      Pattern.compile(
          "test-classes|junit|archunit|opentest4j|apiguardian|slf4j-nop|surefire|jspecify");

  private static final ModuleFinder FINDER =
      ModuleFinder.of(
          Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
              .filter(entry -> !NOT_AT_RUN_TIME.matcher(entry).find())
              .map(Path::of)
              .toArray(Path[]::new));

  /*
   * The resolution takes every automatic module when it meets one, but no explicit module that only
   * automatic ones use: those the descriptor has to require.
   */
  @Test
  void descriptor_reachesEveryDependency() {
    Set<String> present =
        FINDER.findAll().stream()
            .map(ModuleReference::descriptor)
            .map(descriptor -> descriptor.name())
            .collect(Collectors.toCollection(TreeSet::new));
    Configuration resolved =
        Configuration.resolve(
            FINDER,
            List.of(ModuleLayer.boot().configuration()),
            ModuleFinder.of(),
            Set.of("dev.keralens.core"));
    Set<String> reached =
        resolved.modules().stream()
            .map(ResolvedModule::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(present, reached);
    assertTrue(reached.contains("io.jhdf"), reached::toString);
  }
}
