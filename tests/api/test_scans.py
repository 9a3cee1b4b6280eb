"""That a query without an index would be noticed."""

import pytest

from app.check_ins.repository import CHECK_INS
from app.members.repository import MEMBERS
from app.shared.database import Database
from tests.api.conftest import Caller
from tests.scans import Profiled, no_scans


async def test_a_query_that_no_index_serves_fails(
    member: Caller, database: Database, profiled: Profiled
) -> None:
    with pytest.raises(AssertionError, match="members"), no_scans(profiled):
        await database.collection(MEMBERS).find({"display_name": "Sakura"})


async def test_so_does_one_that_repeats_no_condition_of_its_index(
    member: Caller, database: Database, profiled: Profiled
) -> None:
    with pytest.raises(AssertionError, match="members"), no_scans(profiled):
        await database.collection(MEMBERS).find_one({"device_id_hash": "unknown"})


async def test_a_query_that_an_index_serves_does_not(database: Database, profiled: Profiled) -> None:
    with no_scans(profiled):
        await database.collection(CHECK_INS).find({"member_id": "member-1"})
