package dev.keralens.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.keralens.file.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Tables for programs, as JSON and as CSV. */
final class TableOptions {
  private static final String STANDARD_OUTPUT = "-";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write what was found to this file: a list of an object for each image, map and unit, with"
              + " its class, logit and probability. With - to the standard output, in place of the"
              + " table.")
  private @Nullable String json;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "The same as comma-separated values, a row for each; - as above.")
  private @Nullable String csv;

  /**
   * Finds out now whether the files can be written later.
   *
   * @param sources the files that are read, none of which may be written
   * @param output what else is written
   */
  void check(List<Path> sources, @Nullable Path output) throws IOException {
    if (json != null && csv != null && json.equals(csv)) {
      throw new UsageException("--json and --csv are two files, and both are " + json + ".");
    }
    for (String name : given()) {
      if (name.equals(STANDARD_OUTPUT)) {
        continue;
      }
      Output file = Output.file(name);
      if (output != null && file.path().toAbsolutePath().equals(output.toAbsolutePath())) {
        throw new UsageException("-o and the table are two files, and both are " + name + ".");
      }
      file.check(sources);
    }
  }

  private List<String> given() {
    List<String> given = new ArrayList<>();
    if (json != null) {
      given.add(json);
    }
    if (csv != null) {
      given.add(csv);
    }
    return given;
  }

  /**
   * Says that a picture goes to the standard output.
   *
   * @throws UsageException if a table shall, too
   */
  void refuseStandardOutput() {
    if (takesStandardOutput()) {
      throw new UsageException("The picture and the table both go to the standard output.");
    }
  }

  /** Whether a table is asked for. */
  boolean isAsked() {
    return !given().isEmpty();
  }

  /** Whether the standard output is one of the files. */
  boolean takesStandardOutput() {
    return given().contains(STANDARD_OUTPUT);
  }

  /** Writes what is asked for. */
  void write(List<Result> results, PrintWriter out, PrintWriter err) throws IOException {
    writeRows(results.stream().map(Result::columns).toList(), out, err);
  }

  /** The same, of rows of a table of its own. */
  void writeRows(List<Map<String, @Nullable Object>> rows, PrintWriter out, PrintWriter err)
      throws IOException {
    if (json != null) {
      write(json, JSON.writeValueAsString(rows) + "\n", rows.size(), out, err);
    }
    if (csv != null) {
      write(csv, csv(rows), rows.size(), out, err);
    }
  }

  private static void write(String name, String text, int rows, PrintWriter out, PrintWriter err)
      throws IOException {
    if (name.equals(STANDARD_OUTPUT)) {
      out.print(text);
      out.flush();
      return;
    }
    Path file = Output.file(name).path();
    WholeFile.write(file, part -> Files.writeString(part, text, StandardCharsets.UTF_8));
    err.printf(Locale.ROOT, "Wrote %s: %d %s%n", file, rows, rows == 1 ? "row" : "rows");
    err.flush();
  }

  /** As RFC 4180 has it, with a line feed at the end of a line. */
  private static String csv(List<Map<String, @Nullable Object>> rows) {
    StringBuilder text = new StringBuilder();
    if (!rows.isEmpty()) {
      text.append(String.join(",", rows.get(0).keySet())).append('\n');
    }
    for (Map<String, @Nullable Object> row : rows) {
      text.append(
              row.values().stream()
                  .map(value -> cell(Objects.toString(value, "")))
                  .collect(Collectors.joining(",")))
          .append('\n');
    }
    return text.toString();
  }

  private static String cell(String text) {
    boolean quoted = text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return quoted ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
