"""The commands that look after partners, staff and devices beside a running server."""

import re

import pytest

from tests.process.servers import Server, run

pytestmark = pytest.mark.process


def test_partners_are_made_beside_a_running_server(server: Server) -> None:
    def partners(*arguments: str) -> tuple[int, str]:
        return run("partners", "--data-dir", str(server.folder), *arguments)

    status, output = partners("create", "Till at Umeda", "cards:verify")
    assert status == 0
    partner_id, secret = re.findall(r"client_(?:id|secret)\s+(\S+)", output)
    form = {"grant_type": "client_credentials", "client_id": partner_id, "client_secret": secret}
    answer = server.client.post(server.address + "/oauth/token", data=form)
    assert answer.json()["scope"] == "cards:verify"
    assert secret not in partners("list")[1]
    assert partner_id in partners("list")[1]
    assert partners("rotate-secret", partner_id)[0] == 0
    assert partners("remove", partner_id)[0] == 0
    assert partners("remove", partner_id)[0] == 1
    assert server.client.post(server.address + "/oauth/token", data=form).status_code == 401


def test_staff_and_devices_are_looked_after_beside_a_running_server(server: Server) -> None:
    def staff(*arguments: str, pin: str = "") -> tuple[int, str]:
        return run("staff", "--data-dir", str(server.folder), *arguments, line=pin + "\n")

    def devices(*arguments: str) -> tuple[int, str]:
        return run("devices", "--data-dir", str(server.folder), *arguments)

    viewer = "{ viewer { ... on StaffMember { code } } }"
    assert staff("add", "MORI", "森", "COUNTER", "--store", "umeda", pin="620471")[0] == 0
    token = server.sign_in_staff("mori", "620471", "umeda")
    assert server.send(viewer, token=token) == {"viewer": {"code": "MORI"}}
    assert "MORI  森  (COUNTER; umeda)" in staff("list")[1]
    assert "620471" not in staff("list")[1]
    assert staff("reset-pin", "mori", pin="918273")[0] == 0
    assert server.sign_in_staff("MORI", "918273", "umeda")
    status, output = devices("list")
    device_id, *_ = output.split()
    assert (status, output.count("Counter  (umeda; last used")) == (0, 2)
    assert devices("revoke", device_id)[0] == 0
    assert staff("remove", "MORI")[0] == 0
    for refused, reason in (
        (devices("revoke", device_id), "There is no such device."),
        (devices("enrolment-code", "--store", "nowhere", "Counter"), "There is no such store."),
        (staff("remove", "MORI"), "There is no such staff member."),
        (staff("add", "MORI", "森", "COUNTER", pin="123456"), "Choose a PIN of 6 to 12 digits"),
    ):
        assert refused[0] == 1
        assert reason in refused[1]


def test_a_limited_partner_is_made_at_the_command_line(server: Server) -> None:
    def partners(*arguments: str) -> tuple[int, str]:
        return run("partners", "--data-dir", str(server.folder), *arguments)

    limits = ("--channels", "STORE", "POPUP", "--stores", "umeda", "sapporo")
    assert partners("create", "Till", "cards:verify", *limits)[0] == 0
    told = partners("list")[1]
    assert "Till  (cards:verify; secrets: 1; channels: POPUP STORE; stores: sapporo umeda)" in told
    status, output = partners("create", "Till", "cards:verify", "--stores", "nowhere")
    assert (status, "There is no such store." in output) == (1, True)
