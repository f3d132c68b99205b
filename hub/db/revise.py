"""``python -m hub.db.revise WORDS``: writes a migration from the last one to what ``tables.py`` says. For developers; look at it before use."""
from __future__ import annotations

import sys
import tempfile

from alembic import command
from alembic.config import Config

from hub.db.engine import MIGRATIONS, Database


def main(words: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/hub.sqlite")
        database.migrate()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, words, autogenerate=True, rev_id=f"{int(database.newest() or 0) + 1:04}")
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
