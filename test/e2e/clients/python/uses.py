"""Typical uses of the Docker SDK for Python on the socket given by DOCKER_HOST, one JSON line each: {"use": ..., "outcome": ...}.

An outcome holds nothing that differs from run to run, so that the same use on two sockets of one engine gives the same line.
What is not expected gives {"use": ..., "failure": ...}.
"""

import json
import traceback

import container_uses  # noqa: F401
import engine_uses  # noqa: F401
import image_uses  # noqa: F401
import stream_uses  # noqa: F401
from fixture import uses

for function in uses:
    try:
        line = {"use": function.__name__, "outcome": function()}
    except Exception:
        line = {"use": function.__name__, "failure": traceback.format_exc()}
    print(json.dumps(line), flush=True)
