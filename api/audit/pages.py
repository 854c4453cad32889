"""The audit as pages for people, in Thai and English."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence

from api.store.audit import MACHINE
from api.store.audit_records import AuditEntry, Head
from api.web_pages import Cell, Part, Table, WebPages

_COLUMNS = ("number", "at", "account", "role", "zone", "action", "target", "detail", "hash")
_SHOWN = 12  # digits of a hash by which a reader knows it again; the JSON has all of them


class AuditPages(WebPages):
    """Writes pages of the audit in one language."""

    def entries(self, entries: Sequence[AuditEntry], *, on: Mapping[str, object] | None) -> str:
        """Write a page of entries.

        Parameters
        ----------
        entries
            The entries, in their order.
        on
            Query of the page after this one; none where these are the last.

        Returns
        -------
        page
            HTML.
        """
        heads = [self.say(f"page.{head}") for head in _COLUMNS]
        rows = [self._row(entry) for entry in entries]
        links = [self.link(self.say("page.head"), self.page("audit/head"))]
        if on is not None:
            links.insert(0, self.link(self.say("ogc.next"), self.page("audit", **on)))
        table = Table(heads=heads, rows=rows, none=self.say("page.no_entries"))
        return self.write(
            self.say("page.audit"), [self.service()], [Part(table=table, links=links)]
        )

    def head(self, head: Head | None, *, key: str | None) -> str:
        """Write the page of the newest signed head.

        Parameters
        ----------
        head
            The head; none where nothing was signed yet.
        key
            Public key that heads are signed with now; none where nothing was signed yet.

        Returns
        -------
        page
            HTML.
        """
        told = {}
        if head is not None:
            told = {
                "number": f"{head.seq:,}",
                "at": _instant(head.at),
                "hash": head.hash,
                "key": key or head.key,
                "signature": head.signature,
            }
        rows = [[self.cell(self.say(f"page.{name}")), self.cell(told[name])] for name in told]
        heads = [self.say("ogc.property"), self.say("ogc.value")]
        table = Table(heads=heads, rows=rows, none=self.say("page.no_head"))
        trail = [self.service(), self.link(self.say("page.audit"), self.page("audit"))]
        return self.write(self.say("page.head"), trail, [Part(table=table)])

    def _row(self, entry: AuditEntry) -> list[Cell]:
        detail = ", ".join(f"{name}: {value}" for name, value in json.loads(entry.detail).items())
        return [
            self.cell(f"{entry.seq:,}"),
            self.cell(_instant(entry.at)),
            self.cell(entry.subject or "–"),
            self.cell(self._role(entry)),
            self.cell(entry.zone or "–"),
            self.cell(self._word(f"audit_action.{entry.action}")),
            self.cell(entry.target, lang="en"),
            self.cell(detail or "–", lang="en"),
            self.cell(f"{entry.hash[:_SHOWN]}…"),
        ]

    def _role(self, entry: AuditEntry) -> str:
        """Say whose role it was; what the service does by itself is no deed of the public."""
        if entry.subject == MACHINE.subject:
            return self.say("page.machine")
        return self._word(f"role.{entry.role}")

    def _word(self, key: str) -> str:
        """Say what a role or an action is called; its own name where the words have none."""
        return self.say(key) if key in self.words.entries else key.partition(".")[2]


def _instant(text: str) -> str:
    return f"{dt.datetime.fromisoformat(text).astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
