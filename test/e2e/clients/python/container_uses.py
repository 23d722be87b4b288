"""Uses of containers, but for their streams."""

import io
import tarfile

import docker
import requests

from fixture import client, container, payload, refused, tar_of, use, wait_until


@use
def run():
    return client.containers.run("busybox", ["echo", "hello"], remove=True).decode()


@use
def run_with_errors():
    try:
        client.containers.run("busybox", ["sh", "-c", "echo out; echo err >&2; exit 3"], remove=True)
    except docker.errors.ContainerError as error:
        return [error.exit_status, error.stderr.decode()]
    raise AssertionError("no error")


@use
def run_detached_with_environment():
    with container(["sh", "-c", "echo $NAME; pwd; id -u"], environment={"NAME": "value"}, working_dir="/tmp", user="1000") as made:
        made.wait()
        return made.logs().decode()


@use
def lifecycle():
    made = client.containers.create("busybox", "sleep 1000", name="life", labels={"made": "here"}, init=True)
    states = [made.status]
    for act in (made.start, made.pause, made.unpause, made.restart, made.stop, made.start, made.kill):
        act(**({"timeout": 5} if act in (made.stop, made.restart) else {}))
        if act == made.kill:
            made.wait()
        made.reload()
        states.append(made.status)
    made.rename("death")
    made.reload()
    found = [one.name for one in client.containers.list(all=True, filters={"label": "made=here"})]
    made.remove()
    return [states, made.name, found, refused(lambda: client.containers.get("death"))]


@use
def stop_gives_the_exit_code():
    with container(["sh", "-c", "trap 'exit 4' TERM; echo ready; while :; do sleep 0.1; done"], init=False) as made:
        wait_until(lambda: b"ready" in made.logs())
        made.stop()
        return made.wait()


@use
def wait_times_out():
    with container("sleep 1000") as made:
        try:
            made.wait(timeout=1)
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
            return "timed out"
    raise AssertionError("no time-out")


@use
def wait_tells_the_exit_code():
    with container(["sh", "-c", "sleep 0.5; exit 6"]) as made:
        return made.wait()


@use
def stats():
    with container("sleep 1000") as made:
        one = made.stats(stream=False)
        stream = made.stats(stream=True, decode=True)
        two = [next(stream) for _ in range(2)]
        stream.close()
        return [one["name"] == f"/{made.name}", [sample["pids_stats"]["current"] > 0 for sample in [one, *two]]]


@use
def processes():
    with container("sleep 1000") as made:
        arguments = lambda: [args for _, args in made.top(ps_args="-o pid,args")["Processes"]]
        # Before it becomes the program, the second is a copy of the first.
        wait_until(lambda: "sleep 1000" in arguments())
        return [made.top()["Titles"], arguments()]


@use
def update():
    with container("sleep 1000") as made:
        made.update(restart_policy={"Name": "on-failure", "MaximumRetryCount": 2})
        made.reload()
        return made.attrs["HostConfig"]["RestartPolicy"]


@use
def archives():
    data = payload(20_000_000)
    made = client.containers.create("busybox", "true")
    made.put_archive("/tmp", tar_of({"file": data}))
    bits, stat = made.get_archive("/tmp/file")
    with tarfile.open(fileobj=io.BytesIO(b"".join(bits))) as tar:
        back = tar.extractfile("file").read()
    made.remove()
    return [stat["name"], stat["size"], back == data]


@use
def archives_of_nothing():
    made = client.containers.create("busybox", "true", name="nothing")
    answers = [
        refused(lambda: made.get_archive("/no/such")),
        refused(lambda: made.put_archive("/no/such", tar_of({"file": payload(3_000_000)}))),
    ]
    made.remove()
    return [answer[:2] for answer in answers]


@use
def export():
    made = client.containers.create("busybox", "true")
    with tarfile.open(fileobj=io.BytesIO(b"".join(made.export()))) as tar:
        names = sorted(tar.getnames())
    made.remove()
    return [len(names), "bin/busybox" in names]


@use
def changes_and_commit():
    made = client.containers.create("busybox", ["sh", "-c", "echo kept > /kept"])
    made.start()
    made.wait()
    image = made.commit("committed", conf={"Cmd": ["cat", "/kept"]})
    answer = [made.diff(), client.containers.run("committed", remove=True).decode()]
    made.remove()
    client.images.remove(image.id, force=True)
    return answer
