"""A mail server that misbehaves on demand, for tests of the SMTP sender."""

import asyncio
import ssl

DROP, SILENCE = "<drop>", "<silence>"
FROM, TO = "digest@joblark.example.org", "ada.obi@example.net"
MESSAGE = b"Subject: jobs\r\n\r\nhello\r\n.a line with a dot\r\n"
USUAL = {
    "GREETING": "220 ready", "EHLO": "250-here\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS", "STARTTLS": "220 go ahead",
    "AUTH": "235 welcome", "RSET": "250 fresh", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
    "BODY": "250 queued as 7", "QUIT": "221 bye",
}  # fmt: skip


class Server:
    """`says` replaces the usual answer to a verb; `BODY` is the final dot. `commands` and `messages` are what came in."""

    def __init__(self) -> None:
        self.says: dict[str, str] = {}
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.connections = 0
        self.left_in_silence = asyncio.Event()
        self.port = 0
        self.tls: ssl.SSLContext | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        self.drop_all()
        await asyncio.sleep(0)

    def drop_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def verbs(self) -> list[str]:
        return [command.split()[0].upper() for command in self.commands]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        verb = "GREETING"
        try:
            while await self._answer(verb, reader, writer):
                if verb == "DATA" and self._reply(verb).startswith("354"):
                    self._kept = await reader.readuntil(b"\r\n.\r\n")
                    verb = "BODY"
                    continue
                command = (await reader.readuntil(b"\r\n")).decode().strip()
                self.commands.append(command)
                verb = command.split()[0].upper()
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _answer(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the conversation goes on."""
        reply = self._reply(verb)
        if reply == DROP:
            return False
        if reply == SILENCE:
            await reader.read()
            self.left_in_silence.set()
            return False
        if verb == "BODY" and reply.startswith("2"):
            self.messages.append(self._kept)
        writer.write(reply.encode("latin-1") + b"\r\n")
        await writer.drain()
        if verb == "STARTTLS" and self.tls:
            await writer.start_tls(self.tls)
        return verb != "QUIT"

    def _reply(self, verb: str) -> str:
        return self.says.get(verb, USUAL.get(verb, "500 what?"))


class Mark:
    """The durable mark that the notifier makes before DATA; counts how often, and what the server had seen by then."""

    def __init__(self, server: Server) -> None:
        self.server, self.times, self.seen = server, 0, ""

    async def __call__(self) -> None:
        self.times += 1
        self.seen = self.server.verbs()[-1]
