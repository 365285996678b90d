import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;

/** Answers a line of questions (a JSON array) with a line of answers, until its input ends. */
public final class Oracle {
  private static final Gson JSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  /** The parts that decide something, by where their jars say which version they are. */
  private static final String[] PARTS = {
    "org.camunda.feel/feel-engine", "com.cronutils/cron-utils", "io.camunda/zeebe-bpmn-model"
  };

  private static final Map<String, Function<JsonObject, JsonElement>> ORACLES =
      Map.of(
          "versions", question -> versions(),
          "feel", new FeelOracle()::answer,
          "cron", CronOracle::answer,
          "timer", TimerOracle::answer,
          "model", ModelOracle::answer);

  private Oracle() {}

  public static void main(String[] arguments) throws IOException {
    // What a library prints does not belong between the answers.
    PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      JsonArray answered = new JsonArray();
      for (JsonElement question : JsonParser.parseString(line).getAsJsonArray()) {
        answered.add(answer(question.getAsJsonObject()));
      }
      answers.println(JSON.toJson(answered));
      answers.flush();
    }
  }

  private static JsonElement answer(JsonObject question) {
    String name = question.get("oracle").getAsString();
    Function<JsonObject, JsonElement> oracle = ORACLES.get(name);
    if (oracle == null) {
      throw new IllegalArgumentException("no oracle '" + name + "', only " + ORACLES.keySet());
    }
    return oracle.apply(question);
  }

  private static JsonObject versions() {
    JsonObject found = new JsonObject();
    for (String part : PARTS) {
      found.addProperty(part.replace('/', ':'), version(part));
    }
    return found;
  }

  private static String version(String part) {
    String path = "/META-INF/maven/" + part + "/pom.properties";
    try (InputStream file = Oracle.class.getResourceAsStream(path)) {
      if (file == null) {
        return "missing";
      }
      Properties properties = new Properties();
      properties.load(file);
      return properties.getProperty("version");
    } catch (IOException error) {
      throw new IllegalStateException(path, error);
    }
  }
}
