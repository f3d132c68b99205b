"""``python -m hub.db.sharding partitions N | citus``: the SQL by which a province divides an empty database by village (docs/scale.md).

The program itself does not know whether it has been done: every row of a village carries it first in its key, and whatever is written or
locked names it (a test looks at every statement).
"""
from __future__ import annotations

import sys

from sqlalchemy import Constraint, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from hub.db import tables  # noqa: F401 (their metadata)
from hub.db.columns import Base

OF_THE_HUB = frozenset({"village", "board", "staff", "invitation", "session", "login_failure", "hub_key", "joining"})
"""Tables that are small and belong to the hub as a whole: each shard has a copy of them (with Citus: reference tables)."""
KEY = "village_id"
_VERSION = "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)"


def of_villages() -> list[Table]:
    """Those that grow with the villages, each behind what it refers to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in OF_THE_HUB]


def unique_in_the_hub(table: Table) -> list[UniqueConstraint]:
    """What must not be there twice in the whole hub, which no database can promise across shards. Each is the digest of 256 random bits."""
    return [one for one in table.constraints if isinstance(one, UniqueConstraint) and KEY not in one.columns]


def partitions(parts: int, version: str) -> list[str]:
    """For plain PostgreSQL: all tables anew, those of villages in so many parts by the hash of the village."""
    metadata, statements = MetaData(naming_convention=Base.metadata.naming_convention), []
    for table in Base.metadata.sorted_tables:
        copy = table.to_metadata(metadata)
        if table.name in OF_THE_HUB:
            statements += _made(copy)
            continue
        for constraint in unique_in_the_hub(copy):
            copy.constraints.remove(constraint)
            Index(_index(constraint), *constraint.columns)
        copy.dialect_kwargs["postgresql_partition_by"] = f"HASH ({KEY})"
        statements += _made(copy)
        statements += [f"CREATE TABLE {copy.name}_p{part} PARTITION OF {copy.name} FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
                       for part in range(parts)]
    return [*statements, _VERSION, f"INSERT INTO alembic_version VALUES ('{version}')"]


def citus() -> list[str]:
    """For a database in which the hub has made its tables, still empty, on a Citus coordinator."""
    statements = [f"SELECT create_reference_table('{table.name}')" for table in Base.metadata.sorted_tables if table.name in OF_THE_HUB]
    for table in of_villages():
        for constraint in unique_in_the_hub(table):
            statements.append(f"ALTER TABLE {table.name} DROP CONSTRAINT {_name(constraint)}")
            statements.append(f"CREATE INDEX {_index(constraint)} ON {table.name} ({', '.join(column.name for column in constraint.columns)})")
    first, *others = of_villages()
    statements.append(f"SELECT create_distributed_table('{first.name}', '{KEY}')")
    return statements + [f"SELECT create_distributed_table('{table.name}', '{KEY}', colocate_with => '{first.name}')" for table in others]


def _made(table: Table) -> list[str]:
    made = [CreateTable(table), *(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: index.name))]
    return [str(one.compile(dialect=postgresql.dialect())).strip() for one in made]


def _name(constraint: Constraint) -> str:
    return f"uq_{constraint.table.name}_{'_'.join(column.name for column in constraint.columns)}"


def _index(constraint: Constraint) -> str:
    return f"ix_{constraint.table.name}_{'_'.join(column.name for column in constraint.columns)}"


def main(arguments: list[str]) -> int:
    from hub.db.engine import newest

    if arguments == ["citus"]:
        statements = citus()
    elif len(arguments) == 2 and arguments[0] == "partitions" and arguments[1].isdecimal() and int(arguments[1]) > 0:
        statements = partitions(int(arguments[1]), newest())
    else:
        print(__doc__.partition("\n")[0], file=sys.stderr)
        return 2
    print(";\n".join(statements) + ";")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
