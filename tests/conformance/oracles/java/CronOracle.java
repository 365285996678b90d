import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When a cron text comes round, as cron-utils reads Spring's. */
final class CronOracle {
  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.SPRING53));

  private CronOracle() {}

  /** Takes {@code cron}, {@code after}, {@code count}; answers the moments, none if refused. */
  static JsonObject answer(JsonObject question) {
    JsonObject answer = new JsonObject();
    ExecutionTime times;
    try {
      times = ExecutionTime.forCron(PARSER.parse(question.get("cron").getAsString()));
    } catch (RuntimeException error) {
      // Besides its own refusals the parser runs out of arrays: refused is refused.
      answer.addProperty("refused", error.toString());
      return answer;
    }
    try {
      answer.add("moments", moments(times, question));
    } catch (RuntimeException error) {
      answer.addProperty("crash", error.toString());
    }
    return answer;
  }

  private static JsonArray moments(ExecutionTime times, JsonObject question) {
    JsonArray found = new JsonArray();
    ZonedDateTime moment = ZonedDateTime.parse(question.get("after").getAsString());
    for (int left = question.get("count").getAsInt(); left > 0; left--) {
      Optional<ZonedDateTime> next = times.nextExecution(moment);
      if (next.isEmpty()) {
        break;
      }
      moment = next.get();
      found.add(moment.toInstant().toString());
    }
    return found;
  }
}
