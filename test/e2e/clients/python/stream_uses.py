"""Uses of what containers and programs in them say and hear."""

import socket
import threading

from fixture import api, client, container, payload, raw, read_frames, read_until, refused, sha256, use, wait_until


@use
def logs():
    with container(["sh", "-c", "echo out; echo err >&2"]) as made:
        made.wait()
        return [made.logs(stderr=False).decode(), made.logs(stdout=False).decode()]


@use
def logs_tail():
    with container("seq 1000") as made:
        made.wait()
        stamped = made.logs(tail=1, timestamps=True).decode().split(" ")
        return [made.logs(tail=2).decode(), len(stamped), stamped[1]]


@use
def logs_followed():
    with container(["sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.2; done"]) as made:
        return b"".join(made.logs(stream=True, follow=True)).decode()


@use
def logs_left_early():
    with container(["sh", "-c", "while :; do echo again; sleep 0.05; done"]) as made:
        followed = made.logs(stream=True, follow=True)
        first = next(followed).decode()
        followed.close()
        return first


@use
def logs_of_a_terminal():
    with container(["sh", "-c", "tty; echo out; echo err >&2"], tty=True) as made:
        made.wait()
        return made.logs().decode()


@use
def logs_of_a_megabyte():
    with container("seq 150000") as made:
        made.wait()
        return sha256(made.logs())


@use
def attach():
    made = client.containers.create("busybox", ["sh", "-c", "echo out; echo err >&2; sleep 0.1; echo more"])
    stream = made.attach(stream=True, demux=True)
    made.start()
    outputs = list(stream)
    made.remove(force=True)
    return ["".join((output[side] or b"").decode() for output in outputs) for side in (0, 1)]


@use
def attach_to_a_terminal():
    made = client.containers.create("busybox", ["sh", "-c", "tty; echo err >&2"], tty=True)
    stream = made.attach(stream=True)
    made.start()
    output = b"".join(stream).decode()
    made.remove(force=True)
    return output


@use
def attach_socket_with_half_close():
    made = client.containers.create("busybox", ["sh", "-c", "sha256sum; echo after >&2"], stdin_open=True)
    api_container = made.id
    sock = made.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
    made.start()
    raw(sock).sendall(payload(1_000_000))
    raw(sock).shutdown(socket.SHUT_WR)
    outputs = read_frames(sock)
    code = client.containers.get(api_container).wait()
    made.remove(force=True)
    return [outputs, code, sha256(payload(1_000_000))]


@use
def attach_socket_to_a_terminal():
    with container("cat", tty=True, stdin_open=True, init=False) as made:
        sock = made.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
        made.resize(31, 97)
        raw(sock).sendall(b"typed\n")
        output = read_until(raw(sock), b"typed\r\ntyped\r\n")
        raw(sock).sendall(b"\x04")
        rest = read_until(raw(sock), b"never")
        return [output, rest, made.wait()]


# The SDK loses what comes in one read with the head of the answer: these programs speak a second later.


@use
def execute():
    with container("sleep 1000") as made:
        failed = made.exec_run(["sh", "-c", "sleep 1; echo out; echo err >&2; exit 5"], demux=True)
        where = made.exec_run(["sh", "-c", "sleep 1; pwd; echo $A"], workdir="/tmp", environment=["A=b"])
        return [[failed.exit_code, *(part.decode() for part in failed.output)], where.output.decode()]


@use
def execute_streamed():
    with container("sleep 1000") as made:
        output = made.exec_run(["sh", "-c", "sleep 1; for i in 1 2 3; do echo $i; sleep 0.1; done"], stream=True).output
        return b"".join(output).decode()


@use
def execute_detached():
    with container("sleep 1000") as made:
        made.exec_run(["sh", "-c", "sleep 0.2; touch /done"], detach=True)
        wait_until(lambda: made.exec_run(["ls", "/done"]).exit_code == 0)
        return "done"


@use
def execute_on_a_terminal():
    with container("sleep 1000") as made:
        made_exec = api.exec_create(made.id, ["sh", "-c", "read line; stty size; tty; exit 8"], tty=True, stdin=True)
        sock = api.exec_start(made_exec["Id"], tty=True, socket=True)
        api.exec_resize(made_exec["Id"], height=22, width=66)
        raw(sock).sendall(b"go\n")
        return [read_until(raw(sock), b"never"), api.exec_inspect(made_exec["Id"])["ExitCode"]]


@use
def exec_socket_with_half_close():
    with container("sleep 1000") as made:
        made_exec = api.exec_create(made.id, ["sh", "-c", "sha256sum; echo after >&2; exit 7"], stdin=True)
        sock = api.exec_start(made_exec["Id"], socket=True)
        raw(sock).sendall(payload(1_000_000))
        raw(sock).shutdown(socket.SHUT_WR)
        return [read_frames(sock), api.exec_inspect(made_exec["Id"])["ExitCode"]]


@use
def execute_in_what_does_not_run():
    made = client.containers.create("busybox", "true", name="still")
    try:
        return refused(lambda: made.exec_run("true"))[:2]
    finally:
        made.remove()


@use
def many_at_once():
    with container("sleep 1000") as made:
        answers = [None] * 20

        def ask(number):
            answers[number] = made.exec_run(["sh", "-c", f"sleep 2; echo {number}"]).output.decode()

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(answers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers
