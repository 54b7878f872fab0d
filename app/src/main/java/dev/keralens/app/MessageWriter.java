package dev.keralens.app;

import dev.keralens.text.Wrapping;
import java.io.IOException;
import java.io.Writer;

/**
 * Messages at a terminal: a line that is too long for it is broken between words, instead of
 * wherever the edge is. What is no whole line, as a bar of progress, passes.
 */
final class MessageWriter extends Writer {
  /** Shorter lines fit everywhere, and nobody asks how wide the terminal is. */
  private static final int SHORT = 40;

  private static final char ESCAPE = '\u001b';

  private final Writer terminal;
  private final StringBuilder line = new StringBuilder();
  private boolean begun;

  MessageWriter(Writer terminal) {
    this.terminal = terminal;
  }

  @Override
  public void write(char[] text, int from, int length) throws IOException {
    for (int i = from; i < from + length; i++) {
      if (text[i] == '\n') {
        terminal.write(begun ? line.toString() : broken(line.toString()));
        terminal.write('\n');
        line.setLength(0);
        begun = false;
      } else {
        line.append(text[i]);
      }
    }
  }

  private static String broken(String text) {
    boolean isDrawn = text.indexOf('\r') >= 0 || text.indexOf(ESCAPE) >= 0 || text.startsWith("\t");
    return isDrawn || text.length() <= SHORT
        ? text
        : Wrapping.paragraph(text, Terminal.told().orElseGet(Terminal::asked), 2);
  }

  @Override
  public void flush() throws IOException {
    if (line.length() > 0) {
      terminal.append(line);
      line.setLength(0);
      begun = true;
    }
    terminal.flush();
  }

  @Override
  public void close() throws IOException {
    flush();
    terminal.close();
  }
}
