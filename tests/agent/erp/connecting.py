"""A process that runs folder and database connectors until it is killed. Prints HERE once it begins.

python -m tests.agent.erp.connecting WORK_DB FOLDER ERP_DB MAPPING
"""

import sys
import time
from pathlib import Path

from agent.erp.store_books import StoreBooks, StoreDisk
from agent.files import WorkFile
from erp import mapping
from erp.folder import looking
from erp.folder.folder import Folder
from erp.sql.database import Database
from erp.sql.sql import Sql
from tests.agent.core.conftest import MASTER_KEY


def main() -> None:
    work_db, root, erp_db, text = map(Path, sys.argv[1:])
    looking.SETTLED_S = 0.02
    with WorkFile(work_db, master_key=MASTER_KEY) as work:
        named = mapping.load(text)
        books = StoreBooks(work)
        folder = Folder(root, named, books, StoreDisk())
        sql = Sql(named, Database(f"sqlite:///{erp_db}", lambda: None), books)
        print("HERE", flush=True)
        while True:
            folder.step()
            sql.step()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
