"""The request to compute something (execute.yaml of OGC 18-062r2).

Inputs are given by value. The standard has a server take links in their place; this one fetches
nothing from an address that a request names, which may be one inside its own network, and the
descriptions of the processes say so.
"""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from api.store.job_records import Response

AnyInputs = TypeVar("AnyInputs", bound=BaseModel)


class Format(BaseModel):
    """How an output is wanted: as JSON."""

    model_config = ConfigDict(extra="forbid")

    mediaType: Literal["application/json"] = "application/json"  # noqa: N815  # the standard's


class Output(BaseModel):
    """What is wanted of an output: its value, in the answer itself."""

    model_config = ConfigDict(extra="forbid")

    transmissionMode: Literal["value"] = "value"  # noqa: N815  # the standard's name
    format: Format = Format()


class Outputs(BaseModel):
    """Which outputs are wanted: there is one."""

    model_config = ConfigDict(extra="forbid")

    document: Output = Output()


class Execution(BaseModel, Generic[AnyInputs]):
    """A request to compute something.

    Attributes
    ----------
    inputs
        What it is to be computed from.
    outputs
        Which outputs are wanted.
    response
        Whether the document is wanted as it is, or within a list of outputs.
    """

    model_config = ConfigDict(extra="forbid")

    inputs: AnyInputs | None = None
    outputs: Outputs = Outputs()
    response: Response = "raw"
