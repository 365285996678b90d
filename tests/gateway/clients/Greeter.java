// zeebe-client-java: deploys, starts, works by a job stream, publishes, waits for the result.
import io.camunda.zeebe.client.ZeebeClient;
import io.camunda.zeebe.client.api.command.ClientStatusException;
import io.camunda.zeebe.client.api.response.ActivatedJob;
import io.camunda.zeebe.client.api.worker.JobClient;
import java.time.Duration;
import java.util.Map;

public final class Greeter {

  public static void main(final String[] args) {
    final String address = "127.0.0.1:" + args[0];
    try (ZeebeClient client =
            ZeebeClient.newClientBuilder().gatewayAddress(address).usePlaintext().build();
        var worker =
            client
                .newWorker()
                .jobType("greet")
                .handler(Greeter::greet)
                .streamEnabled(true)
                .open()) {
      client.newDeployResourceCommand().addResourceFile(args[1]).send().join();
      client
          .newPublishMessageCommand()
          .messageName("answer")
          .correlationKey("java")
          .timeToLive(Duration.ofMinutes(1))
          .variables(Map.of("answer", 42))
          .send()
          .join();
      System.out.printf(
          "{\"told\": %s, \"refused\": %s, \"gone\": \"%s\"}%n",
          start(client, Map.of("name", "java")),
          start(client, Map.of("name", "nobody", "fails", true)),
          cancel(client));
    }
  }

  private static void greet(final JobClient client, final ActivatedJob job) {
    final var variables = job.getVariablesAsMap();
    if (variables.containsKey("fails")) {
      client.newThrowErrorCommand(job).errorCode("refused").errorMessage("no").send().join();
    } else {
      final var greeting = "hello " + variables.get("name");
      client.newCompleteCommand(job).variables(Map.of("greeting", greeting)).send().join();
    }
  }

  private static String start(final ZeebeClient client, final Map<String, Object> variables) {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId("greeting")
        .latestVersion()
        .variables(variables)
        .withResult()
        .requestTimeout(Duration.ofSeconds(30))
        .send()
        .join()
        .getVariables();
  }

  private static String cancel(final ZeebeClient client) {
    try {
      client.newCancelInstanceCommand(2251799813685999L).send().join();
      return "cancelled";
    } catch (final ClientStatusException error) {
      return error.getStatus().getCode().value() + " " + error.getStatus().getDescription();
    }
  }
}
