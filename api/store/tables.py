"""The tables of a store as the database itself lists them, so that none is forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from api.store.engine import Dialect, Session

_MACHINERY: Final = frozenset({"schema_version", "revision"})  # of the engine, not of the content
_BINARY: Final = frozenset({"BLOB", "bytea", "geometry"})


@dataclass(frozen=True)
class Table:
    """A table of a store.

    Attributes
    ----------
    name
        Its name.
    columns
        Names of its columns.
    binary
        Names of those that hold bytes.
    """

    name: str
    columns: tuple[str, ...]
    binary: frozenset[str]

    def rows(self, session: Session) -> Iterator[list[object]]:
        """Read all rows, as JSON values; bytes become hexadecimal digits.

        Parameters
        ----------
        session
            A transaction.

        Yields
        ------
        values
            The values of a row in the order of the columns.
        """
        columns = ", ".join(f'"{name}"' for name in self.columns)
        sql = f'SELECT {columns} FROM "{self.name}" ORDER BY 1'  # noqa: S608  # the database's names
        for row in session.stream(sql):
            yield [_plain(row[name], binary=name in self.binary) for name in self.columns]


def _plain(value: object, *, binary: bool) -> object:
    """Return a value as JSON keeps it; PostGIS itself gives a geometry as digits, but capital."""
    if value is None or not binary:
        return value
    return value.hex() if isinstance(value, bytes) else str(value).lower()


def read_tables(session: Session) -> list[Table]:
    """List the tables that hold the store's content.

    Parameters
    ----------
    session
        A transaction.

    Returns
    -------
    tables
        The tables, each after those that it refers to.
    """
    kinds: dict[str, dict[str, str]] = {}
    for row in session.rows(_SELECT_COLUMNS[session.dialect]):
        if row["name"] not in _MACHINERY:
            kinds.setdefault(row["name"], {})[row["col"]] = row["kind"]
    order = TopologicalSorter({name: set[str]() for name in sorted(kinds)})
    for row in session.rows(_SELECT_REFERENCES[session.dialect]):
        if row["name"] != row["target"]:
            order.add(row["name"], row["target"])
    return [
        Table(
            name,
            tuple(kinds[name]),
            frozenset(column for column, kind in kinds[name].items() if kind in _BINARY),
        )
        for name in order.static_order()
    ]


def count_rows(session: Session) -> dict[str, int]:
    """Count the rows of the tables that hold the store's content.

    Parameters
    ----------
    session
        A transaction.

    Returns
    -------
    counts
        Number of rows by table.
    """
    counts = {}
    for table in read_tables(session):
        row = session.row(f'SELECT count(*) AS n FROM "{table.name}"')  # noqa: S608  # from its list
        counts[table.name] = 0 if row is None else int(row["n"])
    return counts


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert rows as `Table.rows` gave them, under the keys that they have.

    Parameters
    ----------
    session
        A write transaction.
    table
        The table.
    columns
        Names of the columns that the values are for.
    rows
        Values of each row.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f":v{number}" for number in range(len(columns)))
    keys = "OVERRIDING SYSTEM VALUE " if session.dialect == "postgres" else ""
    binary = [name in table.binary for name in columns]
    session.run_many(
        f'INSERT INTO "{table.name}" ({names}) {keys}VALUES ({values})',
        (
            {
                f"v{number}": bytes.fromhex(str(value)) if is_bytes and value is not None else value
                for number, (value, is_bytes) in enumerate(zip(row, binary, strict=True))
            }
            for row in rows
        ),
    )


def number_on(session: Session, table: Table) -> None:
    """Let a table go on numbering after the rows that came with keys of their own.

    Parameters
    ----------
    session
        A write transaction.
    table
        The table; SQLite sees by itself which number is the last.
    """
    if session.dialect == "sqlite":
        return
    for column in session.rows(_SELECT_NUMBERED, name=table.name):
        session.run(
            f"SELECT setval(pg_get_serial_sequence(:name, :col), coalesce(max({column['col']}), 0)"  # noqa: S608  # as above
            f' + 1, false) FROM "{table.name}"',
            name=table.name,
            col=column["col"],
        )


_SELECT_NUMBERED: Final = (
    "SELECT column_name AS col FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = :name AND is_identity = 'YES'"
)
# Shadow tables of an R-Tree and the tables of extensions are not content: the first are written by
# triggers, the second stand in schemas of their own.
_SELECT_COLUMNS: Final[Mapping[Dialect, str]] = {
    "sqlite": (
        "SELECT t.name AS name, c.name AS col, c.type AS kind"
        " FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c"
        " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        " ORDER BY t.name, c.cid"
    ),
    "postgres": (
        "SELECT c.table_name AS name, c.column_name AS col, c.udt_name AS kind"
        " FROM information_schema.columns AS c JOIN information_schema.tables AS t"
        " USING (table_schema, table_name) WHERE c.table_schema = current_schema()"
        " AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position"
    ),
}
_SELECT_REFERENCES: Final[Mapping[Dialect, str]] = {
    "sqlite": (
        'SELECT t.name AS name, f."table" AS target'
        " FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f"
        " WHERE t.schema = 'main' AND t.type = 'table'"
    ),
    "postgres": (
        "SELECT own.relname AS name, other.relname AS target FROM pg_constraint AS c"
        " JOIN pg_class AS own ON own.oid = c.conrelid"
        " JOIN pg_class AS other ON other.oid = c.confrelid"
        " JOIN pg_namespace AS n ON n.oid = own.relnamespace"
        " WHERE c.contype = 'f' AND n.nspname = current_schema()"
    ),
}
