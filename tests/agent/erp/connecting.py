"""A process that runs folder and database connectors until it is killed. Prints HERE once it begins.

python -m tests.agent.erp.connecting WORK_DB FOLDER ERP_DB MAPPING
"""

import sys
import time
from pathlib import Path

from agent.erp import mapping
from agent.erp.folder import looking
from agent.erp.folder.folder import Folder
from agent.erp.sql.database import Database
from agent.erp.sql.sql import Sql
from agent.files import WorkFile
from tests.agent.core.conftest import MASTER_KEY


def main() -> None:
    work_db, root, erp_db, text = map(Path, sys.argv[1:])
    looking.SETTLED_S = 0.02
    with WorkFile(work_db, master_key=MASTER_KEY) as work:
        named = mapping.load(text)
        folder, sql = Folder(root, named, work), Sql(named, Database(f"sqlite:///{erp_db}", lambda: None), work)
        print("HERE", flush=True)
        while True:
            folder.step()
            sql.step()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
