import pytest

from tests.cloud.hub import Hub
from tests.cloud.prescriptions import rx


@pytest.fixture
def hub(hub: Hub) -> Hub:
    return rx.sells_medicine(hub)
