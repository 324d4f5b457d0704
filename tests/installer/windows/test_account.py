from installer.windows.account import service_sid
from installer.windows.setup.making import SERVICE


def test_the_sid_of_a_service_is_the_one_windows_gives_it() -> None:
    """TrustedInstaller's is on every Windows, as owner of the system's files."""
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
    assert service_sid("TrustedInstaller") == service_sid("TRUSTEDINSTALLER") == known
    assert service_sid(SERVICE) != known
