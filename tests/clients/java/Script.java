// Plays the script of tests/clients/script.py with the Java client and prints what happened.
import com.fasterxml.jackson.databind.ObjectMapper;
import io.camunda.zeebe.client.ZeebeClient;
import io.camunda.zeebe.client.api.ZeebeFuture;
import io.camunda.zeebe.client.api.command.ClientStatusException;
import io.camunda.zeebe.client.api.command.FinalCommandStep;
import io.camunda.zeebe.client.api.response.ActivatedJob;
import io.camunda.zeebe.client.api.response.BrokerInfo;
import io.camunda.zeebe.client.api.response.DeploymentEvent;
import io.camunda.zeebe.client.api.response.Process;
import io.camunda.zeebe.client.api.response.ProcessInstanceEvent;
import io.camunda.zeebe.client.api.response.ProcessInstanceResult;
import io.camunda.zeebe.client.api.worker.JobClient;
import io.camunda.zeebe.client.api.worker.JobWorker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

public final class Script {
  private static final long NOBODY = 2251799813685999L;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ZeebeClient client;
  private final Map<String, Object> report = new LinkedHashMap<>();
  private final BufferedReader answers = new BufferedReader(new InputStreamReader(System.in));

  private Script(final ZeebeClient client) {
    this.client = client;
  }

  public static void main(final String[] args) throws Exception {
    try (ZeebeClient client =
        ZeebeClient.newClientBuilder()
            .grpcAddress(URI.create("http://" + args[0]))
            .preferRestOverGrpc(false)
            .defaultRequestTimeout(PATIENCE)
            .build()) {
      final Script script = new Script(client);
      script.topology();
      final long definition = script.deploy();
      script.create(definition);
      script.jobs();
      script.errors();
      script.messages();
      script.signals();
      script.workers();
      script.refusals(definition);
      System.out.println(new ObjectMapper().writeValueAsString(script.report));
    }
  }

  private void topology() {
    final var topology = client.newTopologyRequest().send().join();
    final BrokerInfo broker = topology.getBrokers().get(0);
    final var partition = broker.getPartitions().get(0);
    report.put(
        "topology",
        Map.of(
            "size", topology.getClusterSize(),
            "partitions", topology.getPartitionsCount(),
            "replication", topology.getReplicationFactor(),
            "gateway", topology.getGatewayVersion(),
            "broker", broker.getVersion(),
            "partition", partition.getRole() + " " + partition.getHealth()));
  }

  private long deploy() {
    final DeploymentEvent first = deploy("greeting.bpmn", "alarm.bpmn");
    final Process process = first.getProcesses().get(0);
    final List<String> deployed =
        first.getProcesses().stream()
            .map(p -> p.getBpmnProcessId() + " " + p.getVersion() + " " + p.getResourceName())
            .sorted()
            .toList();
    report.put("deploy", deployed);
    final Process again = deploy("greeting.bpmn").getProcesses().get(0);
    final var greeting =
        first.getProcesses().stream().filter(p -> p.getBpmnProcessId().equals("greeting"));
    final long key = greeting.findFirst().orElseThrow().getProcessDefinitionKey();
    report.put(
        "deploy again",
        Map.of(
            "same", again.getProcessDefinitionKey() == key, "version", again.getVersion()));
    return key;
  }

  private DeploymentEvent deploy(final String first, final String... more) {
    final var command = client.newDeployResourceCommand().addResourceFile(first);
    Stream.of(more).forEach(command::addResourceFile);
    return command.send().join();
  }

  private void create(final long definition) {
    final var latest = client.newCreateInstanceCommand().bpmnProcessId("greeting").latestVersion();
    final var first = client.newCreateInstanceCommand().bpmnProcessId("greeting").version(1);
    final var byKey = client.newCreateInstanceCommand().processDefinitionKey(definition);
    final var variables = Map.of("name", "nobody");
    report.put(
        "create",
        Stream.of(latest, first)
            .map(command -> cancelled(command.variables(variables).send().join()))
            .toList());
    report.put("create by key", cancelled(byKey.variables(variables).send().join()));
  }

  private String cancelled(final ProcessInstanceEvent instance) {
    client.newCancelInstanceCommand(instance.getProcessInstanceKey()).send().join();
    return instance.getBpmnProcessId() + " " + instance.getVersion();
  }

  private void jobs() throws IOException {
    final ZeebeFuture<ProcessInstanceResult> ended =
        start("greeting", Map.of("name", "ann", "extra", 1));
    final ActivatedJob job =
        client
            .newActivateJobsCommand()
            .jobType("greet")
            .maxJobsToActivate(1)
            .timeout(LONG)
            .workerName("clerk")
            .fetchVariables("name")
            .send()
            .join()
            .getJobs()
            .get(0);
    report.put("job", describe(job));
    failAndRetry(job);
    incident(job);
    loseTimeouts(job);
    setVariables(job);
    client.newCompleteCommand(job).variables(Map.of("greeting", "hello ann")).send().join();
    publish("answer", "ann", "").send().join();
    report.put("result", ended.join().getVariablesAsMap());
  }

  private Map<String, Object> describe(final ActivatedJob job) {
    final long left = job.getDeadline() - System.currentTimeMillis();
    return Map.of(
        "type", job.getType(),
        "process", job.getBpmnProcessId() + " " + job.getProcessDefinitionVersion(),
        "element", job.getElementId(),
        "worker", job.getWorker(),
        "retries", job.getRetries(),
        "headers", job.getCustomHeaders(),
        "variables", job.getVariablesAsMap(),
        "deadline", left > 0 && left <= LONG.toMillis());
  }

  private void failAndRetry(final ActivatedJob job) {
    final long before = System.nanoTime();
    client
        .newFailCommand(job)
        .retries(1)
        .retryBackoff(Duration.ofMillis(300))
        .errorMessage("not yet")
        .variables(Map.of("seen", true))
        .send()
        .join();
    final ActivatedJob again = activate("greet", LONG);
    final boolean waited = System.nanoTime() - before >= 300_000_000L;
    report.put(
        "fail",
        Map.of(
            "same", again.getKey() == job.getKey(),
            "retries", again.getRetries(),
            "waited", waited,
            "seen", again.getVariablesAsMap().get("seen")));
  }

  private void incident(final ActivatedJob job) throws IOException {
    client.newFailCommand(job).retries(0).errorMessage("broken").send().join();
    System.out.println("? " + job.getProcessInstanceKey());
    final long incident = Long.parseLong(answers.readLine());
    client.newUpdateRetriesCommand(job).retries(2).send().join();
    client.newResolveIncidentCommand(incident).send().join();
    report.put("incident", Map.of("retries", activate("greet", LONG).getRetries()));
  }

  // The job is shortened, and then kept too long: each time somebody else gets it.
  private void loseTimeouts(final ActivatedJob job) {
    client.newUpdateTimeoutCommand(job).timeout(Duration.ofMillis(1)).send().join();
    final boolean shortened = activate("greet", Duration.ofMillis(200)).getKey() == job.getKey();
    final boolean kept = activate("greet", LONG).getKey() == job.getKey();
    report.put("timeouts", Map.of("shortened", shortened, "kept too long", kept));
  }

  private void setVariables(final ActivatedJob job) {
    final long instance = job.getProcessInstanceKey();
    client.newSetVariablesCommand(instance).variables(Map.of("mood", "good")).send().join();
    client
        .newSetVariablesCommand(job.getElementInstanceKey())
        .variables(Map.of("mood", "private"))
        .local(true)
        .send()
        .join();
    client.newFailCommand(job).retries(1).send().join();
    final ActivatedJob again = activate("greet", LONG);
    report.put("set variables", Map.of("mood", again.getVariablesAsMap().get("mood")));
  }

  private void errors() {
    final ZeebeFuture<ProcessInstanceResult> ended = start("greeting", Map.of("name", "bob"));
    client
        .newThrowErrorCommand(activate("greet", LONG))
        .errorCode("refused")
        .errorMessage("no greeting")
        .variables(Map.of("reason", "tired"))
        .send()
        .join();
    report.put("throw error", ended.join().getVariablesAsMap());
  }

  private void messages() {
    publish("answer", "cid", "once").send().join();
    refused("message id", publish("answer", "cid", "once"));
    final ZeebeFuture<ProcessInstanceResult> ended =
        client
            .newCreateInstanceCommand()
            .bpmnProcessId("greeting")
            .latestVersion()
            .variables(Map.of("name", "cid"))
            .withResult()
            .fetchVariables("answer")
            .requestTimeout(PATIENCE)
            .send();
    client.newCompleteCommand(activate("greet", LONG)).send().join();
    report.put("buffered message", ended.join().getVariablesAsMap());
  }

  private FinalCommandStep<?> publish(final String name, final String key, final String id) {
    final var command =
        client
            .newPublishMessageCommand()
            .messageName(name)
            .correlationKey(key)
            .timeToLive(LONG)
            .variables(Map.of("answer", 42));
    return id.isEmpty() ? command : command.messageId(id);
  }

  private void signals() {
    final var signal = client.newBroadcastSignalCommand().signalName("alarm");
    signal.variables(Map.of("where", "roof")).send().join();
    final ActivatedJob job = activate("answer", LONG);
    report.put("signal", job.getVariablesAsMap());
    client.newCompleteCommand(job).send().join();
    refused(
        "result too late",
        client
            .newCreateInstanceCommand()
            .bpmnProcessId("alarm")
            .latestVersion()
            .withResult()
            .requestTimeout(Duration.ofMillis(300)));
    client.newCompleteCommand(activate("answer", LONG)).send().join();
  }

  private void workers() {
    for (final boolean streaming : new boolean[] {false, true}) {
      try (JobWorker worker =
          client
              .newWorker()
              .jobType("answer")
              .handler(Script::answer)
              .streamEnabled(streaming)
              .open()) {
        report.put(
            streaming ? "streaming worker" : "polling worker",
            Stream.of("roof", "cellar", "hall")
                .map(where -> start("alarm", Map.of("where", where)))
                .toList()
                .stream()
                .map(ended -> ended.join().getVariablesAsMap().get("answered"))
                .toList());
      }
    }
  }

  private static void answer(final JobClient client, final ActivatedJob job) {
    final var where = job.getVariablesAsMap().get("where");
    if (where.equals("cellar") && job.getRetries() > 2) {
      throw new IllegalStateException("dark");
    }
    final var answered = where + " " + job.getRetries();
    client.newCompleteCommand(job).variables(Map.of("answered", answered)).send().join();
  }

  private void refusals(final long definition) {
    refused("deploy broken", client.newDeployResourceCommand().addResourceFile("refused.bpmn"));
    refused("deploy table", client.newDeployResourceCommand().addResourceFile("tariff.csv"));
    refused(
        "create unknown",
        client.newCreateInstanceCommand().bpmnProcessId("unknown").latestVersion());
    refused("cancel unknown", client.newCancelInstanceCommand(NOBODY));
    refused("complete unknown", client.newCompleteCommand(NOBODY));
    refused("fail unknown", client.newFailCommand(NOBODY).retries(1));
    refused("throw unknown", client.newThrowErrorCommand(NOBODY).errorCode("e"));
    refused("retries unknown", client.newUpdateRetriesCommand(NOBODY).retries(1));
    refused("timeout unknown", client.newUpdateTimeoutCommand(NOBODY).timeout(LONG));
    refused("resolve unknown", client.newResolveIncidentCommand(NOBODY));
    refused("set unknown", client.newSetVariablesCommand(NOBODY).variables(Map.of("a", 1)));
    refused(
        "foreign tenant",
        client
            .newCreateInstanceCommand()
            .bpmnProcessId("greeting")
            .latestVersion()
            .tenantId("others"));
    refused(
        "foreign jobs",
        client.newActivateJobsCommand().jobType("greet").maxJobsToActivate(1).tenantIds("others"));
    beyondTheEngine(definition);
  }

  private void beyondTheEngine(final long definition) {
    refused("delete resource", client.newDeleteResourceCommand(definition));
    refused("evaluate decision", client.newEvaluateDecisionCommand().decisionId("tariff"));
    refused(
        "modify",
        client.newModifyProcessInstanceCommand(NOBODY).activateElement("greet"));
    refused(
        "migrate",
        client
            .newMigrateProcessInstanceCommand(NOBODY)
            .migrationPlan(definition)
            .addMappingInstruction("greet", "greet"));
    refused(
        "start at element",
        client
            .newCreateInstanceCommand()
            .bpmnProcessId("greeting")
            .latestVersion()
            .startBeforeElement("greet"));
  }

  private void refused(final String step, final FinalCommandStep<?> command) {
    try {
      report.put(step, "answered: " + command.send().join());
    } catch (final ClientStatusException error) {
      final var text = String.valueOf(error.getStatus().getDescription());
      report.put(step, Map.of("code", error.getStatusCode().name(), "text", text));
    }
  }

  private ZeebeFuture<ProcessInstanceResult> start(
      final String process, final Map<String, Object> variables) {
    return client
        .newCreateInstanceCommand()
        .bpmnProcessId(process)
        .latestVersion()
        .variables(variables)
        .withResult()
        .requestTimeout(PATIENCE)
        .send();
  }

  private ActivatedJob activate(final String type, final Duration timeout) {
    final var command = client.newActivateJobsCommand().jobType(type).maxJobsToActivate(1);
    return command.timeout(timeout).send().join().getJobs().get(0);
  }
}
