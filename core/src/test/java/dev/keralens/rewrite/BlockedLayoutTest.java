package dev.keralens.rewrite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockedLayoutTest {
  @TempDir Path folder;

  private boolean hasAvx512(String text) throws IOException {
    return BlockedLayout.hasAvx512(Files.writeString(folder.resolve("cpuinfo"), text));
  }

  @Test
  void avx512_isAFlagOfTheProcessor() throws IOException {
    assertTrue(hasAvx512("processor\t: 0\nflags\t\t: fpu avx avx2 avx512f avx512dq\n"));
    assertFalse(hasAvx512("processor\t: 0\nflags\t\t: fpu avx avx2\n"));
  }

  @Test
  void avx512_isTakenToBeThereWhereTheSystemDoesNotTell() throws IOException {
    assertTrue(hasAvx512("processor\t: 0\n"));
    assertTrue(BlockedLayout.hasAvx512(folder.resolve("missing")));
  }
}
