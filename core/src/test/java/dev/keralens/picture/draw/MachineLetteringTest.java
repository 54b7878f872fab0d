package dev.keralens.picture.draw;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.AWTError;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineLetteringTest {
  /** What Java throws on machines without fonts. */
  @Test
  void find_withoutFonts_drawsStrokes() {
    List<Throwable> thrown =
        List.of(
            new Error("Probable fatal error: No physical fonts found."),
            new InternalError("java.lang.reflect.InvocationTargetException"),
            new AWTError("no display"),
            new UnsatisfiedLinkError("libfreetype.so.6"),
            new NullPointerException());
    for (Throwable e : thrown) {
      Lettering found =
          MachineLettering.find(
              () -> {
                if (e instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) e;
              });
      assertInstanceOf(StrokeLettering.class, found);
    }
  }

  @Test
  void find_outOfMemory_isNotHidden() {
    assertThrows(
        OutOfMemoryError.class,
        () ->
            MachineLettering.find(
                () -> {
                  throw new OutOfMemoryError();
                }));
  }
}
