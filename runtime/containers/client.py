"""The connection to the Docker engine, for containers, volumes and networks. `engine` runs the `docker` command for everything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

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
    name = _context()
    if name in ("", "default"):
        return DockerClient.from_env(use_ssh_client=True)
    context = ContextAPI.get_context(name)
    return DockerClient(base_url=context.Host, tls=context.TLSConfig or False, use_ssh_client=True)


@cache
def _context() -> str:
    """Return the name of the current context. It is asked for once: a start connects every second."""
    return engine.ask("context", "show")
