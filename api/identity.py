"""Who asks: a principal, as established from a token or, without one, the public."""

from dataclasses import dataclass

from api.roles import Role


@dataclass(frozen=True)
class Principal:
    """Who asks, as far as the service needs to know: never a name.

    Attributes
    ----------
    subject
        Id of the account, as the audit keeps it; empty for the public.
    role
        What the account may do.
    zones
        Names of the zones in which it may do so; none for all.
    owner
        For a partner, the owner of cameras that it is, as the register spells it.
    demo
        Whether the service runs in demo mode, in which the public also sees the plan.
    """

    subject: str = ""
    role: Role = "public"
    zones: frozenset[str] | None = None
    owner: str | None = None
    demo: bool = False

    def in_zone(self, zone: str) -> "Principal":
        """Return who this is in a zone: the public where the account has no rights.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        principal
            The same principal, or the public.
        """
        if self.zones is None or zone in self.zones:
            return self
        return Principal(demo=self.demo)
