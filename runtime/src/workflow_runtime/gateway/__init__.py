"""The seam between the runtime and whatever runs the processes."""

import os as _os

# gRPC's handlers around a fork are for programs that use it in both processes, and never with
# asyncio: they wait for threads that are in a call, and a process pool in a handler hangs.
# https://github.com/grpc/grpc/blob/master/doc/fork_support.md
_os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
