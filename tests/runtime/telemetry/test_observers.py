"""What one observer can be told reaches several of them."""

import inspect

import pytest

from workflow_runtime.observers import Observer, Observers

HOOKS = sorted(name for name in vars(Observer) if not name.startswith("_"))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_passed_on_to_each_observer(hook):
    told = []
    spies = [Observer(), Observer()]
    for spy in spies:
        # Not a class of its own: a hook that is added is spied on too.
        setattr(spy, hook, lambda *arguments, spy=spy: told.append((spy, arguments)))
    arguments = tuple(inspect.signature(getattr(Observer, hook)).parameters)[1:]
    getattr(Observers(spies), hook)(*arguments)
    assert told == [(spy, arguments) for spy in spies]
