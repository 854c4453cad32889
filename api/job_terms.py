"""On which terms the jobs of a service are run, by its settings."""

import os

from api.jobs.orders import Terms
from api.settings import Settings

# Only the job's own process imports what it names: it brings all computations with it.
_WORK = "api.work:work"
# Each process of a job holds the whole town in its memory.
_MOST_WORKERS = 8


def job_slots(settings: Settings) -> int:
    """Tell how many jobs the service itself runs at a time.

    Parameters
    ----------
    settings
        Settings of the service.

    Returns
    -------
    slots
        0 where it runs none.
    """
    if settings.jobs is not None:
        return settings.jobs
    return 0 if "://" in settings.store else 1


def job_terms(settings: Settings, *, slots: int) -> Terms:
    """Give the terms on which jobs are run.

    Parameters
    ----------
    settings
        Settings of the service or worker.
    slots
        Most jobs to run at a time; they share the processors of the machine.

    Returns
    -------
    terms
        The terms.
    """
    processors = os.cpu_count() or 1
    return Terms(
        place=settings.store,
        data_dir=settings.data_dir,
        work=_WORK,
        workers=max(1, min(_MOST_WORKERS, processors // max(1, slots))),
        time_limit_s=settings.job_time_limit_s,
        memory_mb=settings.job_memory_mb,
        keep_days=settings.job_keep_days,
    )
