"""The connection to the Docker engine. Compose and buildx have no API: their commands are run by `engine`."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker.client import DockerClient
from docker.context import ContextAPI
from docker.errors import DockerException
from requests import RequestException

from runtime.containers import engine
from runtime.errors import OperatorError


@contextmanager
def connection() -> Iterator[DockerClient]:
    """Connect to the engine that the `docker` command uses. Raises OperatorError if the engine or a request to it fails."""
    try:
        client = _connect()
        try:
            yield client
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        raise OperatorError(f"The Docker engine reported an error: {str(error).splitlines()[0]}") from error


def _connect() -> DockerClient:
    """Use the command's current context: the SDK itself knows only DOCKER_HOST and the default socket."""
    name = engine.ask("context", "show")
    if name in ("", "default"):
        return DockerClient.from_env(use_ssh_client=True)
    context = ContextAPI.get_context(name)
    return DockerClient(base_url=context.Host, tls=context.TLSConfig or False, use_ssh_client=True)
