from tests.agent.core.conftest import cache as cache
from tests.agent.core.conftest import clock as clock
from tests.agent.core.conftest import hub as hub
from tests.agent.core.conftest import work as work
