// Plays the script of tests/clients/script.py with @camunda8/sdk and prints what happened.
const readline = require("node:readline");
const { Camunda8 } = require("@camunda8/sdk");

const NOBODY = "2251799813685999";
const LONG = 60_000;
const PATIENCE = 30_000;
const CODES = {
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  6: "ALREADY_EXISTS",
  12: "UNIMPLEMENTED",
};

const report = {};
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function connect(address) {
  return new Camunda8({
    ZEEBE_GRPC_ADDRESS: `grpc://${address}`,
    CAMUNDA_OAUTH_DISABLED: true,
    CAMUNDA_AUTH_STRATEGY: "NONE",
    // It sends again what runs into a timeout, for ever.
    zeebeGrpcSettings: { ZEEBE_CLIENT_LOG_LEVEL: "NONE", ZEEBE_GRPC_CLIENT_RETRY: false },
  }).getZeebeGrpcApiClient();
}

const plain = (dto) => JSON.parse(JSON.stringify(dto));

async function activate(client, type, options = {}) {
  const wanted = { type, worker: "script", maxJobsToActivate: 1, timeout: LONG };
  const [job] = await client.activateJobs({ ...wanted, requestTimeout: PATIENCE, ...options });
  return job;
}

async function start(client, bpmnProcessId, variables, options = {}) {
  const wanted = { bpmnProcessId, variables, requestTimeout: PATIENCE, ...options };
  const ended = await client.createProcessInstanceWithResult(wanted);
  return plain(ended.variables);
}

async function refused(step, call) {
  report[step] = await call().then(
    (answer) => `answered: ${JSON.stringify(answer)}`,
    (error) => ({ code: CODES[error.code] ?? String(error.code), text: error.details ?? "" }),
  );
}

async function topology(client) {
  const told = await client.topology();
  const [broker] = told.brokers;
  const [partition] = broker.partitions;
  report.topology = {
    size: told.clusterSize,
    partitions: told.partitionsCount,
    replication: told.replicationFactor,
    gateway: told.gatewayVersion,
    broker: broker.version,
    partition: `${partition.role} ${partition.health}`,
  };
}

async function deploy(client) {
  const files = ["greeting.bpmn", "alarm.bpmn"].map((processFilename) => ({ processFilename }));
  const { deployments } = await client.deployResources(files);
  const processes = deployments.map((deployment) => deployment.process);
  report.deploy = processes
    .map((p) => `${p.bpmnProcessId} ${p.version} ${p.resourceName}`)
    .sort();
  const greeting = processes.find((p) => p.bpmnProcessId === "greeting");
  const again = await client.deployResource({ processFilename: "greeting.bpmn" });
  const { processDefinitionKey, version } = again.deployments[0].process;
  const same = processDefinitionKey === greeting.processDefinitionKey;
  report["deploy again"] = { same, version };
  return processDefinitionKey;
}

async function create(client) {
  report.create = [];
  for (const version of [undefined, 1]) {
    const wanted = { bpmnProcessId: "greeting", version, variables: { name: "nobody" } };
    const made = await client.createProcessInstance(wanted);
    await client.cancelProcessInstance(made.processInstanceKey);
    report.create.push(`${made.bpmnProcessId} ${made.version}`);
  }
}

async function jobs(client) {
  const ended = start(client, "greeting", { name: "ann", extra: 1 });
  const job = await activate(client, "greet", { worker: "clerk", fetchVariable: ["name"] });
  const left = Number(job.deadline) - Date.now();
  report.job = {
    type: job.type,
    process: `${job.bpmnProcessId} ${job.processDefinitionVersion}`,
    element: job.elementId,
    worker: job.worker,
    retries: job.retries,
    headers: plain(job.customHeaders),
    variables: plain(job.variables),
    deadline: left > 0 && left <= LONG,
  };
  await failAndRetry(client, job);
  await incident(client, job);
  await loseTimeouts(client, job);
  await setVariables(client, job);
  await client.completeJob({ jobKey: job.key, variables: { greeting: "hello ann" } });
  await publish(client, "ann");
  report.result = await ended;
}

async function failAndRetry(client, job) {
  const before = performance.now();
  await client.failJob({
    jobKey: job.key,
    retries: 1,
    retryBackOff: 300,
    errorMessage: "not yet",
    variables: { seen: true },
  });
  const again = await activate(client, "greet");
  report.fail = {
    same: again.key === job.key,
    retries: again.retries,
    waited: performance.now() - before >= 300,
    seen: again.variables.seen,
  };
}

async function incident(client, job) {
  await client.failJob({ jobKey: job.key, retries: 0, retryBackOff: 0, errorMessage: "broken" });
  console.log(`? ${job.processInstanceKey}`);
  const incidentKey = (await answers.next()).value;
  await client.updateJobRetries({ jobKey: job.key, retries: 2 });
  await client.resolveIncident({ incidentKey });
  report.incident = { retries: (await activate(client, "greet")).retries };
}

// The job is shortened, and then kept too long: each time somebody else gets it.
async function loseTimeouts(client, job) {
  await client.updateJobTimeout({ jobKey: job.key, timeout: 1 });
  const shortened = (await activate(client, "greet", { timeout: 200 })).key === job.key;
  const kept = (await activate(client, "greet")).key === job.key;
  report.timeouts = { shortened, "kept too long": kept };
}

async function setVariables(client, job) {
  const set = (elementInstanceKey, mood, local) =>
    client.setVariables({ elementInstanceKey, variables: { mood }, local });
  await set(job.processInstanceKey, "good", false);
  await set(job.elementInstanceKey, "private", true);
  await client.failJob({ jobKey: job.key, retries: 1, retryBackOff: 0, errorMessage: "again" });
  report["set variables"] = { mood: (await activate(client, "greet")).variables.mood };
}

async function errors(client) {
  const ended = start(client, "greeting", { name: "bob" });
  const { key } = await activate(client, "greet");
  const thrown = { errorCode: "refused", errorMessage: "no greeting" };
  await client.throwError({ jobKey: key, ...thrown, variables: { reason: "tired" } });
  report["throw error"] = await ended;
}

function publish(client, correlationKey, messageId) {
  const message = { name: "answer", correlationKey, messageId, timeToLive: LONG };
  return client.publishMessage({ ...message, variables: { answer: 42 } });
}

async function messages(client) {
  await publish(client, "cid", "once");
  await refused("message id", () => publish(client, "cid", "once"));
  const ended = start(client, "greeting", { name: "cid" }, { fetchVariables: ["answer"] });
  await client.completeJob({ jobKey: (await activate(client, "greet")).key, variables: {} });
  report["buffered message"] = await ended;
}

async function signals(client) {
  await client.broadcastSignal({ signalName: "alarm", variables: { where: "roof" } });
  const job = await activate(client, "answer");
  report.signal = plain(job.variables);
  await client.completeJob({ jobKey: job.key, variables: {} });
  await refused("result too late", () => start(client, "alarm", {}, { requestTimeout: 300 }));
  await client.completeJob({ jobKey: (await activate(client, "answer")).key, variables: {} });
}

function answer(job) {
  const { where } = job.variables;
  if (where === "cellar" && job.retries > 2) {
    return job.fail({ errorMessage: "dark", retries: job.retries - 1, retryBackOff: 0 });
  }
  return job.complete({ answered: `${where} ${job.retries}` });
}

async function alarms(client) {
  const places = ["roof", "cellar", "hall"];
  const ended = await Promise.all(places.map((where) => start(client, "alarm", { where })));
  return ended.map((variables) => variables.answered);
}

async function workers(client) {
  const polling = client.createWorker({ taskType: "answer", taskHandler: answer });
  report["polling worker"] = await alarms(client);
  await polling.close(1);
  const stream = await client.streamJobs({
    type: "answer",
    worker: "streaming",
    timeout: LONG,
    pollMaxJobsToActivate: 10,
    pollInterval: 1000,
    taskHandler: answer,
  });
  report["streaming worker"] = await alarms(client);
  stream.close();
}

async function refusals(client, definition) {
  const jobKey = NOBODY;
  const deploy = (file) => () => client.deployResource(file);
  await refused("deploy broken", deploy({ processFilename: "refused.bpmn" }));
  await refused("deploy table", deploy({ decisionFilename: "tariff.csv" }));
  const make = (wanted) => () => client.createProcessInstance({ variables: {}, ...wanted });
  await refused("create unknown", make({ bpmnProcessId: "unknown" }));
  await refused("cancel unknown", () => client.cancelProcessInstance(NOBODY));
  await refused("complete unknown", () => client.completeJob({ jobKey, variables: {} }));
  const failure = { jobKey, retries: 1, retryBackOff: 0, errorMessage: "" };
  await refused("fail unknown", () => client.failJob(failure));
  await refused("throw unknown", () => client.throwError({ jobKey, errorCode: "e" }));
  await refused("retries unknown", () => client.updateJobRetries({ jobKey, retries: 1 }));
  await refused("timeout unknown", () => client.updateJobTimeout({ jobKey, timeout: LONG }));
  await refused("resolve unknown", () => client.resolveIncident({ incidentKey: NOBODY }));
  const variables = { elementInstanceKey: NOBODY, variables: { a: 1 }, local: false };
  await refused("set unknown", () => client.setVariables(variables));
  await refused("foreign tenant", make({ bpmnProcessId: "greeting", tenantId: "others" }));
  await beyondTheEngine(client, definition, make);
}

async function beyondTheEngine(client, definition, make) {
  await refused("delete resource", () => client.deleteResource({ resourceKey: definition }));
  const decision = { decisionId: "tariff", variables: {} };
  await refused("evaluate decision", () => client.evaluateDecision(decision));
  const activateInstructions = [
    { elementId: "greet", ancestorElementInstanceKey: "-1", variableInstructions: [] },
  ];
  const processInstanceKey = NOBODY;
  await refused("modify", () =>
    client.modifyProcessInstance({ processInstanceKey, activateInstructions }),
  );
  const mappingInstructions = [{ sourceElementId: "greet", targetElementId: "greet" }];
  const migrationPlan = { targetProcessDefinitionKey: definition, mappingInstructions };
  await refused("migrate", () => client.migrateProcessInstance({ processInstanceKey, migrationPlan }));
  const startInstructions = [{ elementId: "greet" }];
  await refused("start at element", make({ bpmnProcessId: "greeting", startInstructions }));
}

async function main([address]) {
  const client = connect(address);
  await topology(client);
  const definition = await deploy(client);
  for (const part of [create, jobs, errors, messages, signals, workers]) {
    await part(client);
  }
  await refusals(client, definition);
  await client.close();
  console.log(JSON.stringify(report));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
