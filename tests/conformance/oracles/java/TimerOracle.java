import com.google.gson.JsonObject;
import io.camunda.zeebe.model.bpmn.util.time.Interval;
import io.camunda.zeebe.model.bpmn.util.time.RepeatingInterval;
import io.camunda.zeebe.model.bpmn.util.time.TimeDateTimer;
import java.time.DateTimeException;

/** When a timer of this text fires. */
final class TimerOracle {
  private TimerOracle() {}

  /** Takes {@code kind}, {@code text} and {@code now} in milliseconds. */
  static JsonObject answer(JsonObject question) {
    String text = question.get("text").getAsString();
    long now = question.get("now").getAsLong();
    JsonObject answer = new JsonObject();
    try {
      switch (question.get("kind").getAsString()) {
        case "duration" -> answer.addProperty("due", Interval.parse(text).toEpochMilli(now));
        case "date" -> answer.addProperty("due", TimeDateTimer.parse(text).getDueDate(now));
        case "cycle" -> cycle(RepeatingInterval.parse(text), now, answer);
        default -> throw new IllegalStateException("no such kind of timer");
      }
    } catch (DateTimeException | ArithmeticException error) {
      answer.addProperty("refused", String.valueOf(error.getMessage()));
    }
    return answer;
  }

  private static void cycle(RepeatingInterval timer, long now, JsonObject answer) {
    long due = timer.getDueDate(now);
    answer.addProperty("due", due);
    answer.addProperty("repetitions", timer.getRepetitions());
    answer.addProperty("next", timer.getDueDate(due));
  }
}
