//! Plays the script of tests/clients/script.py with zeebe-rs and prints what happened.
//!
//! zeebe-rs activates jobs only by a worker, which polls every 15 seconds: each activation here is
//! a new worker, which polls at once and ends with its first job.

use serde_json::{Map, Value, from_str, json};
use std::error::Error;
use std::fmt::Debug;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeebe_rs::{ActivatedJob, Client, ClientError, WorkerError};

const NOBODY: i64 = 2251799813685999;
const LONG: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(30);

type Report = Map<String, Value>;
type Done = Result<(), Box<dyn Error>>;
type Ended = JoinHandle<Result<Value, ClientError>>;

#[tokio::main]
async fn main() -> Done {
    let address = std::env::args().nth(1).ok_or("the engine's address is missing")?;
    let (host, port) = address.split_once(':').ok_or("host:port")?;
    let builder = Client::builder().with_address(&format!("http://{host}"), port.parse()?);
    let client = builder.build().await?;
    let mut report = Report::new();
    topology(&client, &mut report).await?;
    let definition = deploy(&client, &mut report).await?;
    create(&client, definition, &mut report).await?;
    jobs(&client, &mut report).await?;
    errors(&client, &mut report).await?;
    messages(&client, &mut report).await?;
    signals(&client, &mut report).await?;
    worker(&client, &mut report).await?;
    refusals(&client, &mut report).await?;
    beyond_the_engine(&client, definition, &mut report).await?;
    println!("{}", Value::Object(report));
    Ok(())
}

async fn topology(client: &Client, report: &mut Report) -> Done {
    let told = client.topology().send().await?;
    let broker = told.brokers().first().ok_or("no broker")?;
    let partition = broker.partitions().first().ok_or("no partition")?;
    // It leaves the numbers of the protocol as they are.
    let role = ["LEADER", "FOLLOWER", "INACTIVE"][partition.role() as usize];
    let health = ["HEALTHY", "UNHEALTHY", "DEAD"][partition.health() as usize];
    let found = json!({
        "size": told.cluster_size(),
        "partitions": told.partitions_count(),
        "replication": told.replication_factor(),
        "gateway": told.gateway_version(),
        "broker": broker.version(),
        "partition": format!("{role} {health}"),
    });
    report.insert("topology".into(), found);
    Ok(())
}

/// Deploys files and gives (process id, version, resource name, key) of each process.
async fn deployed(
    client: &Client,
    files: &[&str],
) -> Result<Vec<(String, i32, String, i64)>, ClientError> {
    let paths = files.iter().map(PathBuf::from).collect();
    let request = client.deploy_resource().with_resource_files(paths);
    let answer = request.read_resource_files()?.send().await?;
    let metadata = answer.deployments().iter().filter_map(|d| d.metadata());
    Ok(metadata
        .filter_map(|m| match m {
            zeebe_rs::Metadata::Process(p) => Some((
                p.bpmn_process_id().to_string(),
                p.version(),
                p.resource_name().to_string(),
                p.process_definition_key(),
            )),
            _ => None,
        })
        .collect())
}

async fn deploy(client: &Client, report: &mut Report) -> Result<i64, Box<dyn Error>> {
    let processes = deployed(client, &["greeting.bpmn", "alarm.bpmn"]).await?;
    let mut told: Vec<_> = processes.iter().map(|p| format!("{} {} {}", p.0, p.1, p.2)).collect();
    told.sort();
    report.insert("deploy".into(), json!(told));
    let greeting = processes.iter().find(|p| p.0 == "greeting").ok_or("no greeting")?.3;
    let again = deployed(client, &["greeting.bpmn"]).await?;
    let found = json!({"same": again[0].3 == greeting, "version": again[0].1});
    report.insert("deploy again".into(), found);
    Ok(greeting)
}

async fn create(client: &Client, definition: i64, report: &mut Report) -> Done {
    let greeting = || client.create_process_instance().with_bpmn_process_id("greeting".into());
    let variables = json!({"name": "nobody"});
    let latest = greeting().with_variables(&variables)?.send().await?;
    let first = greeting().with_variables(&variables)?.with_version(1).send().await?;
    let by_key = client.create_process_instance().with_process_definition_key(definition);
    let by_key = by_key.with_variables(&variables)?.send().await?;
    let mut told = vec![];
    for instance in [latest, first, by_key] {
        let cancel = client.cancel_process_instance();
        cancel.with_process_instance_key(instance.process_instance_key()).send().await?;
        told.push(format!("{} {}", instance.bpmn_process_id(), instance.version()));
    }
    report.insert("create by key".into(), json!(told.pop()));
    report.insert("create".into(), json!(told));
    Ok(())
}

/// Starts an instance whose end is waited for elsewhere.
fn start(client: &Client, process: &str, variables: Value, fetch: Option<Vec<String>>) -> Ended {
    let request = client.create_process_instance().with_bpmn_process_id(process.into());
    tokio::spawn(async move {
        let request = request.with_variables(variables)?.with_result(fetch);
        let ended = request.send_with_result::<Value>().await?;
        Ok(ended.data().clone())
    })
}

/// The first job that a new worker gets.
async fn activate(
    client: &Client,
    job_type: &str,
    timeout: Duration,
    fetch: &[&str],
) -> Result<ActivatedJob, Box<dyn Error>> {
    let (found, mut jobs) = mpsc::channel(1);
    let worker = client
        .worker()
        .with_request_timeout(PATIENCE)
        .with_job_timeout(timeout)
        .with_max_jobs_to_activate(1)
        .with_concurrency_limit(1)
        .with_job_type(job_type.into())
        .with_handler(move |_client, job| {
            let found = found.clone();
            async move { found.send(job).await.unwrap_or(()) }
        })
        .with_worker_name("clerk".into())
        .with_fetch_variables(fetch.iter().map(|name| name.to_string()).collect())
        .build();
    let running = tokio::spawn(worker.run());
    let job = jobs.recv().await;
    running.abort();
    Ok(job.ok_or("the worker ended without a job")?)
}

async fn jobs(client: &Client, report: &mut Report) -> Done {
    let ended = start(client, "greeting", json!({"name": "ann", "extra": 1}), None);
    let job = activate(client, "greet", LONG, &["name"]).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    let left = job.deadline() - now;
    let found = json!({
        "type": job.job_type(),
        "process": format!("{} {}", job.bpmn_process_id(), job.process_definition_version()),
        "element": job.element_id(),
        "worker": job.worker(),
        "retries": job.retries(),
        "headers": from_str::<Value>(job.custom_headers())?,
        "variables": job.data::<Value>()?,
        "deadline": left > 0 && left <= LONG.as_millis() as i64,
    });
    report.insert("job".into(), found);
    fail_and_retry(client, &job, report).await?;
    incident(client, &job, report).await?;
    lose_timeouts(client, &job, report).await?;
    set_variables(client, &job, report).await?;
    let complete = client.complete_job().with_job_key(job.key());
    complete.with_variables(json!({"greeting": "hello ann"}))?.send().await?;
    publish(client, "ann", "").await?;
    report.insert("result".into(), ended.await??);
    Ok(())
}

async fn fail_and_retry(client: &Client, job: &ActivatedJob, report: &mut Report) -> Done {
    let before = Instant::now();
    let backoff = Duration::from_millis(300);
    let fail = client.fail_job().with_job_key(job.key()).with_retries(1);
    let fail = fail.with_retry_back_off(backoff).with_error_message("not yet".into());
    fail.with_variables(json!({"seen": true}))?.send().await?;
    let again = activate(client, "greet", LONG, &[]).await?;
    let found = json!({
        "same": again.key() == job.key(),
        "retries": again.retries(),
        "waited": before.elapsed() >= backoff,
        "seen": again.data::<Value>()?["seen"],
    });
    report.insert("fail".into(), found);
    Ok(())
}

async fn incident(client: &Client, job: &ActivatedJob, report: &mut Report) -> Done {
    let fail = client.fail_job().with_job_key(job.key()).with_retries(0);
    fail.with_error_message("broken".into()).send().await?;
    println!("? {}", job.process_instance_key());
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    client.update_job_retries().with_job_key(job.key()).with_retries(2).send().await?;
    client.resolve_incident().with_incident_key(answer.trim().parse()?).send().await?;
    let again = activate(client, "greet", LONG, &[]).await?;
    report.insert("incident".into(), json!({"retries": again.retries()}));
    Ok(())
}

/// The job is shortened, and then kept too long: each time somebody else gets it.
async fn lose_timeouts(client: &Client, job: &ActivatedJob, report: &mut Report) -> Done {
    let update = client.update_job_timeout().with_job_key(job.key());
    update.with_timeout(Duration::from_millis(1)).send().await?;
    let shortened = activate(client, "greet", Duration::from_millis(200), &[]).await?;
    let kept = activate(client, "greet", LONG, &[]).await?;
    let found = json!({
        "shortened": shortened.key() == job.key(),
        "kept too long": kept.key() == job.key(),
    });
    report.insert("timeouts".into(), found);
    Ok(())
}

async fn set_variables(client: &Client, job: &ActivatedJob, report: &mut Report) -> Done {
    let set = |key| client.set_variables().with_element_instance_key(key);
    let instance = set(job.process_instance_key());
    instance.with_variable(json!({"mood": "good"}))?.send().await?;
    let element = set(job.element_instance_key()).with_variable(json!({"mood": "private"}))?;
    element.set_local_scope(true).send().await?;
    client.fail_job().with_job_key(job.key()).with_retries(1).send().await?;
    let again = activate(client, "greet", LONG, &[]).await?;
    report.insert("set variables".into(), json!({"mood": again.data::<Value>()?["mood"]}));
    Ok(())
}

async fn errors(client: &Client, report: &mut Report) -> Done {
    let ended = start(client, "greeting", json!({"name": "bob"}), None);
    let job = activate(client, "greet", LONG, &[]).await?;
    let thrown = client.throw_error().with_job_key(job.key()).with_error_code("refused".into());
    let thrown = thrown.with_error_message("no greeting".into());
    thrown.with_variables(json!({"reason": "tired"}))?.send().await?;
    report.insert("throw error".into(), ended.await??);
    Ok(())
}

async fn publish(client: &Client, key: &str, id: &str) -> Result<impl Debug, ClientError> {
    let message = client.publish_message().with_name("answer".into());
    let message = message.with_correlation_key(key.into()).with_time_to_live(LONG);
    let message = message.with_message_id(id.into()).with_variables(json!({"answer": 42}))?;
    message.send().await
}

async fn messages(client: &Client, report: &mut Report) -> Done {
    publish(client, "cid", "once").await?;
    refused(report, "message id", publish(client, "cid", "once").await);
    let fetch = Some(vec!["answer".into()]);
    let ended = start(client, "greeting", json!({"name": "cid"}), fetch);
    let job = activate(client, "greet", LONG, &[]).await?;
    client.complete_job().with_job_key(job.key()).send().await?;
    report.insert("buffered message".into(), ended.await??);
    Ok(())
}

async fn signals(client: &Client, report: &mut Report) -> Done {
    let signal = client.broadcast_signal().with_signal_name("alarm".into());
    signal.with_variables(json!({"where": "roof"}))?.send().await?;
    let job = activate(client, "answer", LONG, &[]).await?;
    report.insert("signal".into(), job.data::<Value>()?);
    client.complete_job().with_job_key(job.key()).send().await?;
    Ok(())
}

async fn worker(client: &Client, report: &mut Report) -> Done {
    let mut answered = vec![];
    for (place, attempts) in [("roof", 1), ("cellar", 2), ("hall", 1)] {
        let ended = start(client, "alarm", json!({"where": place}), None);
        for _ in 0..attempts {
            answer_one(client).await;
        }
        answered.push(ended.await??["answered"].clone());
    }
    report.insert("polling worker".into(), json!(answered));
    Ok(())
}

/// A worker that ends with its first job; what its handler returned is sent all the same.
async fn answer_one(client: &Client) {
    let (begun, mut begins) = mpsc::channel(1);
    let worker = client
        .worker()
        .with_request_timeout(PATIENCE)
        .with_job_timeout(LONG)
        .with_max_jobs_to_activate(1)
        .with_concurrency_limit(1)
        .with_job_type("answer".into())
        .with_handler(move |_client, job: ActivatedJob| {
            let begun = begun.clone();
            async move {
                begun.send(()).await.unwrap_or(());
                answer(&job)
            }
        })
        .build();
    let running = tokio::spawn(worker.run());
    begins.recv().await;
    running.abort();
}

fn answer(job: &ActivatedJob) -> Result<Value, WorkerError<()>> {
    let variables = job.data::<Value>()?;
    let place = variables["where"].as_str().unwrap_or("nowhere");
    if place == "cellar" && job.retries() > 2 {
        return Err(WorkerError::FailJob("dark".into()));
    }
    Ok(json!({"answered": format!("{place} {}", job.retries())}))
}

async fn refusals(client: &Client, report: &mut Report) -> Done {
    refused(report, "deploy broken", deployed(client, &["refused.bpmn"]).await);
    refused(report, "deploy table", deployed(client, &["tariff.csv"]).await);
    let make = |id: &str| client.create_process_instance().with_bpmn_process_id(id.into());
    refused(report, "create unknown", make("unknown").without_input().send().await);
    let foreign = make("greeting").without_input().with_tenant_id("others".into());
    refused(report, "foreign tenant", foreign.send().await);
    let cancel = client.cancel_process_instance().with_process_instance_key(NOBODY);
    refused(report, "cancel unknown", cancel.send().await);
    let complete = client.complete_job().with_job_key(NOBODY);
    refused(report, "complete unknown", complete.send().await);
    let fail = client.fail_job().with_job_key(NOBODY).with_retries(1);
    refused(report, "fail unknown", fail.send().await);
    let throw = client.throw_error().with_job_key(NOBODY).with_error_code("e".into());
    refused(report, "throw unknown", throw.send().await);
    let retries = client.update_job_retries().with_job_key(NOBODY).with_retries(1);
    refused(report, "retries unknown", retries.send().await);
    let timeout = client.update_job_timeout().with_job_key(NOBODY).with_timeout(LONG);
    refused(report, "timeout unknown", timeout.send().await);
    let resolve = client.resolve_incident().with_incident_key(NOBODY);
    refused(report, "resolve unknown", resolve.send().await);
    let set = client.set_variables().with_element_instance_key(NOBODY);
    refused(report, "set unknown", set.with_variable(json!({"a": 1}))?.send().await);
    Ok(())
}

async fn beyond_the_engine(client: &Client, definition: i64, report: &mut Report) -> Done {
    let delete = client.delete_resource().with_resource_key(definition);
    refused(report, "delete resource", delete.send().await);
    let evaluate = client.evaluate_decision().with_decision_key(NOBODY);
    let evaluate = evaluate.with_decision_id("tariff".into()).with_variables(json!({}))?;
    let evaluated = evaluate.send::<Value>().await;
    refused(report, "evaluate decision", evaluated);
    let modify = client.modify_process_instance().with_process_instance_key(NOBODY);
    let modify = modify.with_activate_instruction("greet".into(), -1).build();
    refused(report, "modify", modify.send().await);
    let migrate = client.migrate_process_instance().with_process_instance_key(NOBODY);
    let migrate = migrate.with_migration_plan(definition, vec![]);
    refused(report, "migrate", migrate.send().await);
    Ok(())
}

/// Writes down with which status and text an answer was refused.
fn refused<T: Debug>(report: &mut Report, step: &str, answer: Result<T, ClientError>) {
    let told = match answer {
        Err(ClientError::RequestFailed(status)) => {
            // `NotFound` as the other languages write it: NOT_FOUND.
            let mut code = String::new();
            for letter in format!("{:?}", status.code()).chars() {
                if letter.is_uppercase() && !code.is_empty() {
                    code.push('_');
                }
                code.push(letter.to_ascii_uppercase());
            }
            json!({"code": code, "text": status.message()})
        }
        other => json!(format!("answered: {other:?}")),
    };
    report.insert(step.into(), told);
}
