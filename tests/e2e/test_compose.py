"""The stack as an operator runs it: `docker compose up --wait`, a board, an engineer, and the mail that arrives.

Builds the image, so it runs only when asked for: `JOBLARK_COMPOSE_E2E=1`. A project name, ports and volumes of its own
keep it apart from a stack that may be running here.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest

pytestmark = [
    pytest.mark.docker,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        os.environ.get("JOBLARK_COMPOSE_E2E") != "1",
        reason="builds the image and starts nine containers: ask for it with JOBLARK_COMPOSE_E2E=1",
    ),
]

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "services" / "embedded" / "samples" / "boards"
ADDRESS = "mira@example.org"
PATIENCE_SECONDS = 120
CV = """Mira Okonjo
Senior Backend Engineer, Singapore. Nine years of services in Python and Go.

Skills: Python, Go, PostgreSQL, Redis, Kafka, Kubernetes, Docker, Terraform, AWS, gRPC, Linux, distributed systems.
Looking for senior backend or platform engineering work, in Singapore or remote.
"""


@dataclass
class Stack:
    """One compose project. Ports are whatever was free."""

    project: str

    def compose(self, *command: str, given: str | None = None, timeout: float = 120) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
        environment |= {"ENV_FILE": ".env.example", "WEB_PORT": "0", "CATCHER_PORT": "0"}
        environment |= {"JOBLARK_FETCH_ALLOW_NETWORKS": "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"}  # the board is a container
        options = ["--project-name", self.project, "--env-file", ".env.example"]
        return run("docker", "compose", *options, *command, given=given, timeout=timeout, environment=environment)

    def joblark(self, service: str, *arguments: str, given: str | None = None) -> str:
        return self.compose("exec", "-T", service, "joblark", *arguments, given=given)

    def get(self, service: str, port: int, path: str) -> bytes:
        address = self.compose("port", service, str(port)).strip()
        with urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.read()

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """Whole messages from the catcher, with `Subject`, `Text` and `HTML`."""
        listed = json.loads(self.get("mailpit", 8025, "/api/v1/messages"))["messages"]
        mine = [message["ID"] for message in listed if message["To"][0]["Address"] == address]
        return [json.loads(self.get("mailpit", 8025, f"/api/v1/message/{identity}")) for identity in mine]

    def headers(self, mail: dict[str, Any]) -> dict[str, list[str]]:
        return json.loads(self.get("mailpit", 8025, f"/api/v1/message/{mail['ID']}/headers"))


def run(*command: str, given: str | None = None, timeout: float = 120, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, input=given or "", capture_output=True, text=True, timeout=timeout, env=environment, cwd=ROOT, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def stack(docker_engine: None) -> Iterator[Stack]:
    stack = Stack(os.environ.get("JOBLARK_COMPOSE_PROJECT", f"joblark-e2e-{uuid4().hex[:8]}"))
    try:
        try:
            stack.compose("up", "--wait", "--build", timeout=900)
        except AssertionError as error:
            error.add_note(stack.compose("logs", "--no-color", "--tail", "60"))
            raise
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "20", timeout=180)


@pytest.fixture(scope="module")
def board(stack: Stack) -> Iterator[str]:
    """A job board on the stack's own network: a recorded answer, served by Python's little web server."""
    name = f"{stack.project}-board"
    where = ["--name", name, "--network", f"{stack.project}_default", "--network-alias", "board"]
    files = ["--volume", f"{RECORDINGS}:/recordings:ro", "--entrypoint", "python"]
    server = ["joblark", "-m", "http.server", "8080", "--directory", "/recordings"]
    run("docker", "run", "--detach", *where, *files, *server)
    yield "http://board:8080/greenhouse.lumenworks.json"
    run("docker", "rm", "--force", name)


@pytest.fixture(scope="module")
def digest(stack: Stack, board: str) -> dict[str, Any]:
    """The mail that comes of it: board added, engineer subscribed, digest asked for, each in another container."""
    stack.joblark("web", "boards", "add", "greenhouse:lumenworks", "--url", board)
    stack.joblark("notifier", "subscribe", "--email", ADDRESS, "--profile", "-", given=CV)
    return eventually(lambda: _digest(stack))


def _digest(stack: Stack) -> dict[str, Any] | None:
    stack.joblark("matcher", "digest", "send", "--now")
    titles = [job["title"].strip() for job in json.loads((RECORDINGS / "greenhouse.lumenworks.json").read_bytes())["jobs"]]
    return next((mail for mail in stack.mails_to(ADDRESS) if any(title in mail["Text"] for title in titles)), None)


def eventually(find: Callable[[], Any]) -> Any:
    """What `find` finds, asked once a second: the scraper reads the board when its clock next asks who is due."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < deadline, f"nothing came within {PATIENCE_SECONDS} s"
        time.sleep(1)
    return found


def test_every_service_is_up_and_well(stack):
    states = [json.loads(line) for line in stack.compose("ps", "--all", "--format", "json").splitlines()]
    assert {state["Service"]: state["Health"] or state["ExitCode"] for state in states} == {
        **dict.fromkeys(["scraper", "matcher", "notifier", "web", "redis", "postgres", "mailpit"], "healthy"),
        "migrate": 0,
    }


def test_the_web_page_answers_on_its_published_port(stack):
    assert b"<html" in stack.get("web", 8000, "/")


def test_a_posting_on_a_board_reaches_the_inbox(digest):
    assert digest["Subject"]
    assert digest["HTML"]


def test_the_mails_unsubscribe_link_is_known_to_the_web_page(stack, digest):
    link = stack.headers(digest)["List-Unsubscribe"][0].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/")  # JOBLARK_BASE_URL of .env.example; here the port is another
    assert b"<html" in stack.get("web", 8000, link.removeprefix("http://127.0.0.1:8000"))


def test_the_doctor_finds_nothing_wrong(stack):
    assert stack.joblark("notifier", "doctor")


def test_a_second_start_keeps_the_secret_that_signed_the_links(stack):
    before = stack.compose("exec", "-T", "web", "sha256sum", "/run/joblark/secret")
    stack.compose("up", "--wait", "--force-recreate", "migrate", "web", timeout=300)
    assert stack.compose("exec", "-T", "web", "sha256sum", "/run/joblark/secret") == before


def test_the_databases_are_not_published(stack):
    listed = [json.loads(line) for line in stack.compose("ps", "--format", "json").splitlines()]
    published = {state["Service"] for state in listed for port in state["Publishers"] or () if port["PublishedPort"]}
    assert published == {"web", "mailpit"}
