import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.camunda.feel.context.JavaFunction;
import org.camunda.feel.context.JavaFunctionProvider;
import org.camunda.feel.syntaxtree.Val;
import org.camunda.feel.syntaxtree.ValDayTimeDuration;
import org.camunda.feel.syntaxtree.ValError;
import org.camunda.feel.syntaxtree.ValNull$;
import org.camunda.feel.syntaxtree.ValNumber;
import org.camunda.feel.syntaxtree.ValString;
import org.camunda.feel.syntaxtree.ValYearMonthDuration;

/** The function that Zeebe adds to the language, by what it was recorded to answer. */
final class Cycle extends JavaFunctionProvider {
  private static final String NAME = "cycle";
  private static final List<JavaFunction> FUNCTIONS =
      List.of(
          new JavaFunction(List.of("repetitions", "interval"), Cycle::times),
          new JavaFunction(List.of("interval"), Cycle::endless));

  @Override
  public Optional<JavaFunction> resolveFunction(String name) {
    return resolveFunctions(name).stream().findFirst();
  }

  @Override
  public List<JavaFunction> resolveFunctions(String name) {
    return NAME.equals(name) ? FUNCTIONS : List.of();
  }

  @Override
  public Collection<String> getFunctionNames() {
    return List.of(NAME);
  }

  private static Val endless(List<Val> arguments) {
    return interval(arguments.get(0))
        .<Val>map(text -> new ValString("R/" + text))
        .orElseGet(() -> refused("an interval (duration) parameter", arguments));
  }

  private static Val times(List<Val> arguments) {
    Val repetitions = arguments.get(0);
    Optional<String> interval = interval(arguments.get(1));
    boolean counted = repetitions instanceof ValNumber;
    if (interval.isEmpty() || !(counted || repetitions == ValNull$.MODULE$)) {
      return refused("a repetitions (number) and an interval (duration) parameter", arguments);
    }
    String count = counted ? String.valueOf(((ValNumber) repetitions).value().intValue()) : "";
    return new ValString("R" + count + "/" + interval.get());
  }

  private static Optional<String> interval(Val value) {
    if (value instanceof ValDayTimeDuration) {
      return Optional.of(((ValDayTimeDuration) value).value().toString());
    }
    if (value instanceof ValYearMonthDuration) {
      return Optional.of(((ValYearMonthDuration) value).value().toString());
    }
    return Optional.empty();
  }

  private static Val refused(String wanted, List<Val> arguments) {
    String found = String.join("' and '", arguments.stream().map(Val::toString).toList());
    return new ValError("cycle function expected " + wanted + ", but found '" + found + "'");
  }
}
