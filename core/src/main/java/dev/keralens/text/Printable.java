package dev.keralens.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text from files, made fit for messages: short, on one line, and without characters that move the
 * cursor, hide, or change the direction of what follows.
 */
public final class Printable {
  /** The longest word that stays whole; a file's name may have 255 bytes. */
  private static final int LONGEST_WORD = 256;

  private static final int WORD_HEAD = 60;
  private static final int WORD_TAIL = 40;

  /** The longest message: a few lines of a terminal. */
  private static final int LONGEST_MESSAGE = 1200;

  private static final int MESSAGE_HEAD = 700;
  private static final int MESSAGE_TAIL = 300;
  private static final Pattern LINE_END = Pattern.compile("\\s*\\R\\s*");
  private static final Pattern LONG_WORD = Pattern.compile("\\S{" + (LONGEST_WORD + 1) + ",}+");

  private Printable() {}

  /**
   * {@return a message on one line, of at most 1200 characters} Long words and long messages lose
   * their middle, and say so.
   *
   * @param text what is to be said; parts of it may come from a file
   */
  public static String message(String text) {
    if (isPlain(text)) {
      return text;
    }
    String line = escaped(LINE_END.matcher(text.strip()).replaceAll(" "));
    Matcher words = LONG_WORD.matcher(line);
    String whole = words.replaceAll(word -> Matcher.quoteReplacement(cut(word.group())));
    return whole.length() <= LONGEST_MESSAGE ? whole : cut(whole, MESSAGE_HEAD, MESSAGE_TAIL);
  }

  /**
   * {@return a name as it is printed} Control characters and those that change the direction become
   * {@code \}{@code u202e} and the like; a long one loses its middle.
   *
   * @param name a name that may come from a file
   */
  public static String name(String name) {
    String line = escaped(name);
    return line.length() <= LONGEST_WORD ? line : cut(line);
  }

  /**
   * {@return a text of any length, with its hidden characters shown}
   *
   * @param text a text that may come from a file
   */
  public static String visible(String text) {
    return escaped(text);
  }

  /**
   * {@return why something failed, in words, never "null"}
   *
   * @param failure what was thrown; of its causes, the first with a message tells
   */
  public static String reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StackOverflowError) {
        return "it is nested in itself, or too deep";
      }
      String message = cause.getMessage();
      if (message != null && !message.isBlank() && !message.equals("null")) {
        return message(message);
      }
    }
    return failure.getClass().getSimpleName();
  }

  private static String cut(String word) {
    return cut(word, WORD_HEAD, WORD_TAIL);
  }

  private static String cut(String text, int head, int tail) {
    int start = Character.isHighSurrogate(text.charAt(head - 1)) ? head - 1 : head;
    int end = text.length() - tail;
    end = Character.isLowSurrogate(text.charAt(end)) ? end + 1 : end;
    return "%s...(%d characters)...%s"
        .formatted(text.substring(0, start), text.length(), text.substring(end));
  }

  /** Most messages are short and of plain letters: they stay the same object. */
  private static boolean isPlain(String text) {
    return text.length() <= LONGEST_WORD
        && text.chars().allMatch(c -> c >= ' ' && c < 0x7f)
        && text.equals(text.strip());
  }

  private static String escaped(String text) {
    if (text.codePoints().noneMatch(Printable::isHidden)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (!isHidden(c)) {
                out.appendCodePoint(c);
              } else if (c == '\t') {
                out.append(' ');
              } else {
                out.append(String.format(c > 0xffff ? "\\U%08x" : "\\u%04x", c));
              }
            });
    return out.toString();
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }
}
