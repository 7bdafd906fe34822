"""The server's side of a connection: answers that would never end are told when the server stops."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from api.followers import ENDLESS, STOPPING

STUCK_SECONDS: Final = 3.0  # a client that takes nothing any more is not waited for any longer


class Protocol(H11Protocol):
    """Without it a server that stops would wait for followers, who never leave, as long as it waits for any answer."""

    def shutdown(self) -> None:
        super().shutdown()
        stopping: asyncio.Event | None = self.app_state.get(STOPPING)
        if stopping is not None:
            stopping.set()
        if self.cycle is not None and self.cycle.scope["state"].get(ENDLESS):
            self.loop.call_later(STUCK_SECONDS, self.transport.abort)
