// zeebe-node: deploys, starts, works, publishes, waits for the result; prints it as JSON.
const { ZBClient } = require("zeebe-node");

async function main([port, diagram]) {
  const zbc = new ZBClient(`127.0.0.1:${port}`, {
    useTLS: false,
    loglevel: "NONE",
    maxRetries: 0,
  });
  await zbc.deployProcess(diagram);
  zbc.createWorker({
    taskType: "greet",
    taskHandler: (job) =>
      job.variables.fails
        ? job.error("refused", "no greeting")
        : job.complete({ greeting: `hello ${job.variables.name}` }),
  });
  await zbc.publishMessage({
    name: "answer",
    correlationKey: "node",
    timeToLive: 60000,
    variables: { answer: 42 },
  });
  const start = (variables) =>
    zbc.createProcessInstanceWithResult({
      bpmnProcessId: "greeting",
      variables,
      requestTimeout: 30000,
    });
  const told = await start({ name: "node" });
  const refused = await start({ name: "nobody", fails: true });
  const gone = await zbc
    .cancelProcessInstance("2251799813685999")
    .catch((error) => `${error.code} ${error.details}`);
  console.log(JSON.stringify({ told: told.variables, refused: refused.variables, gone }));
  await zbc.close();
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
