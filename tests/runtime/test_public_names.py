import workflow_runtime


def test_the_public_names_are_sorted_exist_and_are_these():
    names = workflow_runtime.__all__
    assert names == sorted(names)
    assert all(hasattr(workflow_runtime, name) for name in names)
    assert set(names) == {
        *("AddressError", "BpmnError", "CommandFailed", "ConfigurationError"),
        *("DependencyResolver", "DiagramError", "DishkaResolver", "EnvironmentSettings"),
        *("EventNotPublished", "serve", "CallNext", "Middleware"),
        *("HandlerError", "Health", "IncidentNotFound", "InstanceNotFound"),
        *("InvalidScope", "MissingScopeVariable", "ProcessInstance", "ProcessNotFound"),
        *("OutboxUnavailable", "Retry", "RetryPolicy"),
        *("PublishedEvent", "ScopeVariableNotFetched", "WorkflowEvent"),
        *("TaskHandlerConfig", "WaitTimedOut", "Workflow", "WorkflowBuilder", "WorkflowError"),
        *("SyncWorkflow", "WorkflowIncident", "WorkflowSettings", "WorkflowTask", "WrongPlace"),
        *("make_incident",),
    }


def test_the_version_comes_from_the_installed_package():
    assert workflow_runtime.__version__.count(".") == 2
