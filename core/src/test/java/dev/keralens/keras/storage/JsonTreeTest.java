package dev.keralens.keras.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTreeTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\": {\"b\": [1, -2, 3.5, 1e-7, 1e400, true, false, null, \"\\u00e9\\n\"]}, \"c\": []}",
        "[2147483647, 2147483648, -9223372036854775808, 9223372036854775808, 0.1]",
        "{\"a\": 1, \"b\": {}, \"a\": 2}",
        "[NaN, Infinity, -Infinity]",
        "\"text\" and more",
        "",
        " "
      })
  void read_anyJson_isWhatTheMapperReads(String text) throws IOException {
    assertEquals(MAPPER.readTree(text), JsonTree.read(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1, 2", "{\"a\"", "{\"a\":}", "[1,]", "]", "{\"a\": nul}", "x"})
  void read_noJson_isRefused(String text) {
    assertThrows(JacksonException.class, () -> MAPPER.readTree(text));
    assertThrows(JacksonException.class, () -> JsonTree.read(text));
  }

  @Test
  void read_nestedDeep_isRefused() throws IOException {
    assertTrue(JsonTree.read("[".repeat(500) + "]".repeat(500)).isArray());
    String deep = "[".repeat(100_000);
    assertThrows(JacksonException.class, () -> JsonTree.read(deep));
  }
}
