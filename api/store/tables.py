"""The tables of a store as the database itself lists them, so that none is forgotten."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from api.store.engine import Dialect, Row, Session

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
    numbered
        Name of the one that the database numbers by itself; empty where there is none.
    """

    name: str
    columns: tuple[str, ...]
    binary: frozenset[str]
    numbered: str

    def rows(
        self,
        session: Session,
        *,
        columns: Sequence[str] | None = None,
        where: str = "",
        order: str = "1",
        **values: object,
    ) -> Iterator[list[object]]:
        """Read rows, as JSON values; bytes become hexadecimal digits.

        Parameters
        ----------
        session
            A transaction.
        columns
            Names of the columns; all where none are given.
        where
            Condition in SQL, the program's own text; all rows where none is given.
        order
            Column that they are ordered by, or its number.
        **values
            Values of the condition by name.

        Yields
        ------
        values
            The values of a row in the order of the columns.
        """
        names = self.columns if columns is None else columns
        listed = ", ".join(f'"{name}"' for name in names)
        condition = f"WHERE {where} " if where else ""
        sql = f'SELECT {listed} FROM "{self.name}" {condition}ORDER BY {order}'  # noqa: S608  # the database's own names
        for row in session.stream(sql, **values):
            yield [_plain(row[name], binary=name in self.binary) for name in names]


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
    found: dict[str, list[Row]] = {}
    for row in session.rows(_SELECT_COLUMNS[session.dialect]):
        if row["name"] not in _MACHINERY:
            found.setdefault(row["name"], []).append(row)
    order = TopologicalSorter({name: set[str]() for name in sorted(found)})
    for row in session.rows(_SELECT_REFERENCES[session.dialect]):
        if row["name"] != row["target"]:
            order.add(row["name"], row["target"])
    return [_table(name, found[name]) for name in order.static_order()]


def _table(name: str, columns: Sequence[Row]) -> Table:
    return Table(
        name,
        tuple(row["col"] for row in columns),
        frozenset(row["col"] for row in columns if row["kind"] in _BINARY),
        next((row["col"] for row in columns if row["numbered"]), ""),
    )


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
        row = session.row(f'SELECT count(*) AS n FROM "{table.name}"')  # noqa: S608  # as above
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
    if session.dialect == "sqlite" or not table.numbered:
        return
    session.run(
        f"SELECT setval(pg_get_serial_sequence(:name, :col), coalesce(max({table.numbered}), 0)"  # noqa: S608  # as above
        f' + 1, false) FROM "{table.name}"',
        name=table.name,
        col=table.numbered,
    )


# Shadow tables of an R-Tree and the tables of extensions are not content: the first are written by
# triggers, the second stand in schemas of their own.
_SELECT_COLUMNS: Final[Mapping[Dialect, str]] = {
    "sqlite": (
        "SELECT t.name AS name, c.name AS col, c.type AS kind,"
        " c.type = 'INTEGER' AND c.pk = 1 AS numbered"
        " FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c"
        " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        " ORDER BY t.name, c.cid"
    ),
    "postgres": (
        "SELECT c.table_name AS name, c.column_name AS col, c.udt_name AS kind,"
        " c.is_identity = 'YES' AS numbered"
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
