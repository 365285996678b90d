import com.google.gson.JsonObject;
import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.BpmnModelInstance;
import io.camunda.zeebe.model.bpmn.traversal.ModelWalker;
import io.camunda.zeebe.model.bpmn.validation.ValidationVisitor;
import io.camunda.zeebe.model.bpmn.validation.zeebe.ZeebeDesignTimeValidators;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.camunda.bpm.model.xml.ModelException;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;
import org.camunda.bpm.model.xml.validation.ValidationResult;
import org.camunda.bpm.model.xml.validation.ValidationResults;

/** Whether a diagram is taken by the BPMN schema and by Zeebe's design-time validators. */
final class ModelOracle {
  private ModelOracle() {}

  /** Takes {@code file}, a file's bytes in base64; answers why it is refused, if it is. */
  static JsonObject answer(JsonObject question) {
    byte[] file = Base64.getDecoder().decode(question.get("file").getAsString());
    JsonObject answer = new JsonObject();
    try {
      BpmnModelInstance model = Bpmn.readModelFromStream(new ByteArrayInputStream(file));
      List<String> errors = errors(model);
      if (!errors.isEmpty()) {
        answer.addProperty("invalid", String.join(" ;; ", errors));
      }
    } catch (ModelException error) {
      answer.addProperty("unreadable", reason(error));
    } catch (ClassCastException | NullPointerException error) {
      // A reference to an element of another kind: the validators do not expect it.
      answer.addProperty("invalid", error.toString());
    }
    return answer;
  }

  private static List<String> errors(BpmnModelInstance model) {
    ValidationVisitor visitor = new ValidationVisitor(ZeebeDesignTimeValidators.VALIDATORS);
    new ModelWalker(model).walk(visitor);
    ValidationResults results = visitor.getValidationResult();
    List<String> found = new ArrayList<>();
    if (results.hasErrors()) {
      results.getResults().forEach((element, problems) -> add(element, problems, found));
    }
    found.sort(null);
    return found;
  }

  private static void add(
      ModelElementInstance element, List<ValidationResult> problems, List<String> found) {
    String id = element.getAttributeValue("id");
    for (ValidationResult problem : problems) {
      found.add(element.getElementType().getTypeName() + " " + id + ": " + problem.getMessage());
    }
  }

  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
