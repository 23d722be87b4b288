"""Uses of the engine itself: what it is, what happens in it, what it refuses."""

import time

from fixture import api, client, container, refused, use


@use
def ping():
    return client.ping()


@use
def version():
    answer = client.version()
    return [answer["Version"], answer["ApiVersion"], [part["Name"] for part in answer["Components"]]]


@use
def info():
    return [client.info()[key] for key in ("ID", "Driver", "ServerVersion", "OSType")]


@use
def disk_usage():
    return sorted(client.df().keys())


@use
def events():
    since = int(time.time())
    told = client.events(since=since, filters={"container": "told", "event": ["create", "start", "destroy"]}, decode=True)
    made = client.containers.create("busybox", "true", name="told")
    made.start()
    made.wait()
    made.remove()
    actions = [next(told)["Action"] for _ in range(3)]
    told.close()
    return actions


@use
def events_of_the_past():
    since = int(time.time())
    client.containers.run("busybox", "true", name="past", remove=True)
    client.containers.run("busybox", "true", name="later", remove=True)
    wanted = {"container": "past", "event": ["create", "start"]}
    return [event["Action"] for event in client.events(since=since, until=int(time.time()) + 1, filters=wanted, decode=True)]


@use
def networks():
    made = client.networks.create("net", driver="bridge", labels={"a": "b"})
    with container("sleep 1000", name="joined") as joined:
        made.connect(joined, aliases=["other"])
        made.reload()
        names = [one.name for one in made.containers]
        in_use = refused(made.remove)[1]
        made.disconnect(joined)
    made.remove()
    return [names, in_use, refused(lambda: client.networks.get("net"))]


@use
def volumes():
    made = client.volumes.create("vol", labels={"a": "b"})
    client.containers.run("busybox", ["sh", "-c", "echo kept > /v/file"], volumes={"vol": {"bind": "/v"}}, remove=True)
    kept = client.containers.run("busybox", "cat /v/file", volumes={"vol": {"bind": "/v", "mode": "ro"}}, remove=True)
    made.remove()
    return [kept.decode(), refused(lambda: client.volumes.get("vol"))]


@use
def prune():
    client.containers.create("busybox", "true", labels=["pruned"])
    return len(client.containers.prune(filters={"label": "pruned"})["ContainersDeleted"])


@use
def refusals():
    with container("sleep 1000", name="taken"):
        return [
            refused(lambda: client.containers.create("busybox", name="taken"))[:2],
            refused(lambda: client.containers.create("no-such-image")),
            refused(lambda: client.containers.get("no-such-container")),
            refused(lambda: client.containers.get("no-such-container").attach()),
            refused(lambda: api.attach_socket("no-such-container"))[:2],
            refused(lambda: api.logs("no-such-container")),
            refused(lambda: api.exec_start("no-such-exec"))[:2],
            refused(lambda: client.containers.run("busybox", "no-such-program", remove=True))[:2],
            refused(lambda: client.containers.get("taken").remove())[1],
            refused(lambda: client.networks.create("host"))[:2],
        ]
