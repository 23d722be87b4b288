"""Uses of images."""

import docker

from fixture import api, client, payload, refused, tar_of, use


@use
def images():
    return sorted(tag for image in client.images.list() for tag in image.tags)


@use
def inspect_image():
    return client.images.get("busybox").attrs["Config"]["Cmd"]


@use
def build():
    context = tar_of({"Dockerfile": b"FROM busybox\nCOPY data /data\nRUN sha256sum < /data > /sum\n", "data": payload(5_000_000)})
    image, steps = client.images.build(fileobj=context, custom_context=True, tag="built", network_mode="none", rm=True, nocache=True)
    output = client.containers.run("built", "cat /sum", remove=True).decode()
    client.images.remove(image.id, force=True)
    return [output, sum("Step" in step.get("stream", "") for step in steps)]


@use
def build_fails():
    context = tar_of({"Dockerfile": b"FROM busybox\nRUN exit 9\n"})
    try:
        client.images.build(fileobj=context, custom_context=True, network_mode="none", forcerm=True)
    except docker.errors.BuildError as error:
        return error.msg
    raise AssertionError("no error")


@use
def save_and_load():
    client.images.get("busybox").tag("saved", "here")
    saved = b"".join(client.images.get("saved:here").save(named="saved:here"))
    client.images.remove("saved:here")
    missing = refused(lambda: client.images.get("saved:here"))
    tags = sorted(client.images.load(saved)[0].tags)
    client.images.remove("saved:here")
    return [missing, tags]


@use
def import_image():
    api.import_image_from_data(tar_of({"hello": b"from a tar"}).read(), repository="imported")
    layers = len(client.images.get("imported").attrs["RootFS"]["Layers"])
    client.images.remove("imported")
    return layers
