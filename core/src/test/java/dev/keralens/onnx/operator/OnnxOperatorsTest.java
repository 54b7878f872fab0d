package dev.keralens.onnx.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of operators in {@code docs/onnx.md} is that of the reader. */
class OnnxOperatorsTest {
  private static final String BEGIN = "<!-- operators -->";
  private static final String END = "<!-- end of operators -->";

  @Test
  void document_listsTheOperators() throws IOException {
    String text = Files.readString(Path.of("../docs/onnx.md"));
    String listed = text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));
    String expected =
        new TreeSet<>(OperatorTable.names())
            .stream().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
    assertEquals(expected, listed.strip().replaceAll("\\s+", " "));
  }
}
