"""Processes and jobs as pages for people, in Thai and English."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.processes.catalogue import Process
from api.processes.inputs import EXACT
from api.store.job_records import Job
from api.web_pages import Cell, Link, Part, Table, WebPages

_NOTHING: Final = "–"
_UNFINISHED: Final = frozenset({"accepted", "running"})


class ProcessPages(WebPages):
    """Writes pages of processes and jobs in one language."""

    def processes(self, processes: Sequence[Process]) -> str:
        """Write the list of the processes.

        Parameters
        ----------
        processes
            Those that whoever asks may use.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [self._process(process.id), self.cell(self.say(f"{_key(process.id)}_about"))]
            for process in processes
        ]
        heads = [self.say("page.process"), self.say("page.about")]
        table = Table(heads=heads, rows=rows, none=self.say("page.no_processes"))
        return self.write(
            self.say("page.processes"), [self.service()], [Part(table=table, links=[self._jobs()])]
        )

    def process(self, process: Process, *, address: str) -> str:
        """Write the page of a process.

        Parameters
        ----------
        process
            The process.
        address
            Address at which it is asked for.

        Returns
        -------
        page
            HTML.
        """
        schemas = process.inputs.model_json_schema()["properties"]
        rows = [
            [
                self.cell(self.say(f"input.{name}")),
                self.cell(name),
                self.cell(self._allowed(schema)),
                self.cell(self._absent(name, schema.get("default"))),
            ]
            for name, schema in schemas.items()
        ]
        heads = [self.say(f"page.{head}") for head in ("input", "name", "allowed", "unless_given")]
        return self.write(
            self.say(_key(process.id)),
            [self.service(), self.link(self.say("page.processes"), self.page("ogc/processes"))],
            [
                Part(
                    told=[self.say(f"{_key(process.id)}_about")],
                    links=[
                        self.link(self.say("ogc.console"), f"{self.base}console"),
                        self._jobs(),
                    ],
                ),
                Part(
                    heading=self.say("page.inputs"),
                    told=[self.say("page.ask", address=address)],
                    table=Table(heads=heads, rows=rows),
                ),
            ],
        )

    def jobs(self, jobs: Sequence[Job], *, older: Mapping[str, object] | None) -> str:
        """Write a page of the list of jobs.

        Parameters
        ----------
        jobs
            The jobs, the newest first.
        older
            Query of the page of older jobs; none where these are the last.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [
                self.cell(_instant(job.created_at), self.page(f"ogc/jobs/{job.id}")),
                self.cell(self.say(_key(job.process))),
                self.cell(self._state(job)),
                self._told(job),
                self.cell(_instant(job.finished_at)),
            ]
            for job in jobs
        ]
        heads = [
            self.say(f"page.{head}") for head in ("created", "process", "state", "told", "finished")
        ]
        links = [self.link(self.say("page.processes"), self.page("ogc/processes"))]
        if older is not None:
            links.insert(0, self.link(self.say("page.older"), self.page("ogc/jobs", **older)))
        table = Table(heads=heads, rows=rows, none=self.say("page.no_jobs"))
        return self.write(self.say("page.jobs"), [self.service()], [Part(table=table, links=links)])

    def job(self, job: Job, layers: Sequence[str]) -> str:
        """Write the page of a job.

        Parameters
        ----------
        job
            The job.
        layers
            Names of the layers that it stores, and that whoever asks may read.

        Returns
        -------
        page
            HTML.
        """
        waits = job.state in _UNFINISHED
        again = self.link(self.say("page.again"), self.page(f"ogc/jobs/{job.id}"))
        parts = [
            Part(
                told=[self._state(job)],
                english=[job.message] if job.message else [],
                done=job.done if waits else None,
                links=[again] if waits else [],
            )
        ]
        if job.state == "successful":
            parts.append(Part(heading=self.say("page.results"), links=self._results(job, layers)))
        parts.append(Part(heading=self.say("problem.details"), table=self._facts(job)))
        return self.write(
            self.say("page.job", process=self.say(_key(job.process)), at=_instant(job.created_at)),
            [self.service(), self._jobs()],
            parts,
        )

    def _results(self, job: Job, layers: Sequence[str]) -> list[Link]:
        document = f"{self.base}ogc/jobs/{job.id}/results"
        return [
            self.link(f"{self.say('process.document')} (JSON)", document),
            *(
                self.link(
                    f"{self.say('process.layer')}: {self.say(f'layer.{name}')}",
                    self.page(f"ogc/collections/{name}/items"),
                )
                for name in layers
            ),
        ]

    def _facts(self, job: Job) -> Table:
        told = {
            "process": self._process(job.process),
            "state": self.cell(self._state(job)),
            "created": self.cell(_instant(job.created_at)),
            "started": self.cell(_instant(job.started_at)),
            "updated": self.cell(_instant(job.updated_at)),
            "finished": self.cell(_instant(job.finished_at)),
            "name": self.cell(job.id),
        }
        rows = [[self.cell(self.say(f"page.{name}")), cell] for name, cell in told.items()]
        rows += [
            [self.cell(self.say(f"input.{name}")), self.cell(self._value(value))]
            for name, value in job.inputs.items()
        ]
        return Table(heads=[self.say("ogc.property"), self.say("ogc.value")], rows=rows)

    def _process(self, name: str) -> Cell:
        return self.cell(self.say(_key(name)), self.page(f"ogc/processes/{name}"))

    def _jobs(self) -> Link:
        return self.link(self.say("page.jobs"), self.page("ogc/jobs"))

    def _state(self, job: Job) -> str:
        told = self.say(f"process.{job.state}")
        if job.state != "running":
            return told
        return f"{told} ({self.say('unit.percent', value=int(100 * job.done))})"

    def _told(self, job: Job) -> Cell:
        if job.message:
            return self.cell(job.message, lang="en")
        return self.cell(self.say(job.step) if job.state == "running" and job.step else _NOTHING)

    def _allowed(self, schema: Mapping[str, Any]) -> str:
        """Tell in words which values an input takes."""
        schema = next((one for one in schema.get("anyOf", ()) if one["type"] != "null"), schema)
        if "enum" in schema:
            return ", ".join(map(str, schema["enum"]))
        kind = self.say(f"page.type_{schema.get('format') or schema['type']}")
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        if low is None:
            return kind
        if schema["maximum"] >= EXACT:
            return self.say("jobs.whole_from", low=_number(low))
        bounds = "page.above" if "exclusiveMinimum" in schema else "page.between"
        low, high = (_number(bound) for bound in (low, schema["maximum"]))
        return f"{kind}: {self.say(bounds, low=low, high=high)}"

    def _absent(self, name: str, default: object) -> str:
        """Tell what counts where an input is not given."""
        if name == "seed" and default is None:
            return self.say("page.unless_seeded")
        return self._value(default)

    def _value(self, value: object) -> str:
        if value is None or value == []:
            return _NOTHING
        if isinstance(value, bool):
            return self.say("value.yes" if value else "value.no")
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _key(process: str) -> str:
    return f"process.{process.replace('-', '_')}"


def _number(bound: float) -> str:
    return f"{bound:,.16g}"


def _instant(at: dt.datetime | None) -> str:
    return _NOTHING if at is None else f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
