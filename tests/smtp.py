"""A mail server that keeps what it is given, for tests that send real mail over a real socket."""

from typing import Any

from aiosmtpd.controller import Controller


class SmtpCatcher(Controller):
    """Listens on a free port of 127.0.0.1, in a thread of its own.

    `messages` are the raw bytes as they came over the wire, `recipients` the envelope's addresses, one list for each.
    Set `reply` to have it answer something else after DATA: a mail that is not answered with 2xx is not kept.
    """

    def __init__(self) -> None:
        super().__init__(self, hostname="127.0.0.1", port=0)
        self.messages: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.reply = "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        reply = self.reply
        if reply.startswith("2"):
            self.messages.append(envelope.original_content)
            self.recipients.append(list(envelope.rcpt_tos))
        return reply

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
