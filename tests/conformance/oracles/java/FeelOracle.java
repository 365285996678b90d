import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.camunda.feel.FeelEngine;
import org.camunda.feel.api.EvaluationFailure;
import org.camunda.feel.api.EvaluationResult;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.ParseResult;
import org.camunda.feel.context.Context;
import org.camunda.feel.syntaxtree.Val;
import org.camunda.feel.syntaxtree.ValBoolean;
import org.camunda.feel.syntaxtree.ValContext;
import org.camunda.feel.syntaxtree.ValList;
import org.camunda.feel.syntaxtree.ValNull$;
import org.camunda.feel.syntaxtree.ValNumber;
import org.camunda.feel.syntaxtree.ValString;
import org.camunda.feel.valuemapper.JavaCustomValueMapper;
import scala.collection.immutable.Map$;
import scala.collection.immutable.VectorMap;
import scala.collection.immutable.VectorMap$;
import scala.jdk.javaapi.CollectionConverters;

/** The FEEL engine that Zeebe embeds, with a clock that stands still. */
final class FeelOracle {
  private static final ZonedDateTime NOW = ZonedDateTime.parse("2026-03-02T12:00:00Z");
  private static final MathContext DIGITS = new MathContext(12, RoundingMode.HALF_EVEN);
  private static final int PLAIN = 30;

  private static final Map<String, String> TAGS =
      Map.ofEntries(
          Map.entry("ValDate", "date"),
          Map.entry("ValTime", "time"),
          Map.entry("ValLocalTime", "local time"),
          Map.entry("ValDateTime", "date and time"),
          Map.entry("ValLocalDateTime", "local date and time"),
          Map.entry("ValDayTimeDuration", "days and time duration"),
          Map.entry("ValYearMonthDuration", "years and months duration"),
          Map.entry("ValRange", "range"),
          Map.entry("ValFunction", "function"),
          Map.entry("ValError", "error"),
          Map.entry("ValFatalError", "error"));

  private final FeelEngine engine =
      new FeelEngine.Builder()
          .customValueMapper(new AsItIs())
          .functionProvider(new Cycle())
          .clock(() -> NOW)
          .build();
  private final FeelEngineApi api = new FeelEngineApi(engine);

  /** Takes {@code expression}, perhaps {@code subject} (then it is unary tests), {@code variables}. */
  JsonObject answer(JsonObject question) {
    String text = question.get("expression").getAsString();
    boolean unary = question.has("subject");
    ParseResult parsed = unary ? api.parseUnaryTests(text) : api.parseExpression(text);
    if (parsed.isFailure()) {
      return kind("syntax");
    }
    Map<String, Object> variables = new LinkedHashMap<>();
    question
        .getAsJsonObject("variables")
        .entrySet()
        .forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
    EvaluationResult result =
        unary
            ? api.evaluateWithInput(
                parsed.parsedExpression(), value(question.get("subject")), variables)
            : api.evaluate(parsed.parsedExpression(), variables);
    return result.isFailure() ? kind("failure") : evaluated(result);
  }

  private JsonObject evaluated(EvaluationResult result) {
    JsonObject answer = kind("value");
    answer.add("value", plain((Val) result.result()));
    JsonArray warnings = new JsonArray();
    for (EvaluationFailure failure : CollectionConverters.asJava(result.suppressedFailures())) {
      JsonArray warning = new JsonArray();
      warning.add(failure.failureType().toString());
      warning.add(whole(failure.failureMessage()));
      warnings.add(warning);
    }
    answer.add("warnings", warnings);
    return answer;
  }

  private static JsonObject kind(String kind) {
    JsonObject answer = new JsonObject();
    answer.addProperty("kind", kind);
    return answer;
  }

  /** A value with its type. */
  private JsonElement plain(Val value) {
    if (value == ValNull$.MODULE$) {
      return JsonNull.INSTANCE;
    }
    if (value instanceof ValBoolean) {
      return new JsonPrimitive(((ValBoolean) value).value());
    }
    if (value instanceof ValString) {
      return new JsonPrimitive(whole(((ValString) value).value()));
    }
    if (value instanceof ValNumber) {
      return tagged("number", number(((ValNumber) value).value().bigDecimal()));
    }
    if (value instanceof ValList) {
      JsonArray items = new JsonArray();
      CollectionConverters.asJava(((ValList) value).items()).forEach(i -> items.add(plain(i)));
      return items;
    }
    return value instanceof ValContext ? entries((ValContext) value) : other(value);
  }

  private static JsonObject other(Val value) {
    String tag = TAGS.get(value.getClass().getSimpleName());
    if (tag == null) {
      throw new IllegalStateException("no name for " + value.getClass());
    }
    boolean silent = tag.equals("function") || tag.equals("error");
    return tagged(tag, silent ? "" : value.toString());
  }

  /** The entries of a context in the order of their names; functions are no variables. */
  private JsonObject entries(ValContext context) {
    Map<String, JsonElement> found = new TreeMap<>();
    CollectionConverters.asJava(context.context().variableProvider().getVariables())
        .forEach((key, value) -> found.put(whole(key), plain(engine.valueMapper().toVal(value))));
    JsonObject entries = new JsonObject();
    found.forEach(entries::add);
    JsonObject answer = new JsonObject();
    answer.add("context", entries);
    return answer;
  }

  private static JsonObject tagged(String tag, String text) {
    JsonObject answer = new JsonObject();
    answer.addProperty(tag, text);
    return answer;
  }

  /** Twelve digits, which leaves out how each side rounds floats. */
  private static String number(BigDecimal number) {
    BigDecimal rounded = number.round(DIGITS).stripTrailingZeros();
    int adjusted = rounded.precision() - rounded.scale() - 1;
    return Math.abs(adjusted) < PLAIN ? rounded.toPlainString() : rounded.toString();
  }

  /** A text that can be written as UTF-8: halves of characters become U+FFFD. */
  private static String whole(String text) {
    StringBuilder found = new StringBuilder(text.length());
    text.codePoints()
        .map(code -> code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE ? 0xFFFD : code)
        .forEach(found::appendCodePoint);
    return found.toString();
  }

  private static Object value(JsonElement json) {
    if (json.isJsonNull()) {
      return null;
    }
    if (json.isJsonArray()) {
      List<Object> items = new ArrayList<>();
      json.getAsJsonArray().forEach(item -> items.add(value(item)));
      return items;
    }
    if (json.isJsonObject()) {
      Map<String, Object> entries = new LinkedHashMap<>();
      json.getAsJsonObject()
          .entrySet()
          .forEach(entry -> entries.put(entry.getKey(), value(entry.getValue())));
      return entries;
    }
    JsonPrimitive found = json.getAsJsonPrimitive();
    if (found.isBoolean()) {
      return found.getAsBoolean();
    }
    return found.isNumber() ? found.getAsBigDecimal() : found.getAsString();
  }

  /** Contexts keep their order; results stay the engine's own values, so that types are seen. */
  private static final class AsItIs extends JavaCustomValueMapper {
    @Override
    public Optional<Val> toValue(Object value, Function<Object, Val> inner) {
      if (!(value instanceof Map)) {
        return Optional.empty();
      }
      VectorMap<String, Object> entries = VectorMap$.MODULE$.empty();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        entries = entries.updated((String) entry.getKey(), inner.apply(entry.getValue()));
      }
      return Optional.of(new ValContext(new Context.StaticContext(entries, Map$.MODULE$.empty())));
    }

    @Override
    public Optional<Object> unpackValue(Val value, Function<Val, Object> inner) {
      return Optional.of(value);
    }
  }
}
