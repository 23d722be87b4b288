"""What the uses share: a client of the socket in DOCKER_HOST, and the list that `use` adds to."""

import contextlib
import hashlib
import io
import random
import tarfile
import time

import docker

client = docker.from_env(timeout=120)
api = client.api
uses = []


def use(function):
    uses.append(function)
    return function


@contextlib.contextmanager
def container(command, **options):
    options.setdefault("init", True)
    made = client.containers.create("busybox", command, **options)
    try:
        made.start()
        yield made
    finally:
        made.remove(force=True)


def refused(call):
    """Status and message with which a call is refused."""
    try:
        call()
    except docker.errors.APIError as error:
        return [type(error).__name__, error.status_code, error.explanation]
    raise AssertionError("not refused")


def wait_until(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def raw(sock):
    """The socket in what the SDK returns."""
    return getattr(sock, "_sock", sock)


def read_until(sock, end):
    data = b""
    while not data.endswith(end):
        chunk = sock.recv(4096)
        if not chunk:
            break
        data += chunk
    return data.decode()


def read_frames(sock):
    """Outputs of a multiplexed stream until its end, joined by kind."""
    outputs = {}
    for kind, data in docker.utils.socket.frames_iter(sock, tty=False):
        outputs[kind] = outputs.get(kind, b"") + data
    return {str(kind): data.decode() for kind, data in sorted(outputs.items())}


def tar_of(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    packed.seek(0)
    return packed


def payload(size):
    return random.Random(size).randbytes(size)


def sha256(data):
    return hashlib.sha256(data).hexdigest()
