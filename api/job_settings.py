"""Settings of jobs: how many run at a time, and what each may take."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import BaseSettings

MOST_SLOTS: Final = 64


class JobSettings(BaseSettings):
    """Settings of jobs.

    Attributes
    ----------
    jobs
        Most jobs that the service runs at a time, up to 64. Where none, 1 on a store that is a
        file, and 0 on PostgreSQL, whose jobs `smartzone worker` runs.
    job_time_limit_s
        Longest time that a job may take, in seconds.
    job_memory_mb
        Most memory that each process of a job may take, in megabytes.
    job_keep_days
        Days after which a job that ended is forgotten, with its document. The products that it
        stored stay with what they were made from, and so does the last job of each process and
        zone that ended well.
    """

    jobs: Annotated[int | None, Field(ge=0, le=MOST_SLOTS)] = None
    job_time_limit_s: Annotated[float, Field(gt=0, le=86_400)] = 3_600.0
    job_memory_mb: Annotated[int, Field(ge=256, le=1 << 20)] = 4_096
    job_keep_days: Annotated[int, Field(ge=1, le=36_500)] = 90


EXPECTED_JOBS: Final[Mapping[str, str]] = {
    "jobs": f"a whole number from 0 to {MOST_SLOTS}",
    "job_time_limit_s": "a number above 0 and up to 86400",
    "job_memory_mb": "a whole number from 256 to 1048576",
    "job_keep_days": "a whole number from 1 to 36500",
}
"""What each of these settings must be."""
