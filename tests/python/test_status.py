"""`strata status`: the age of the data beside that of the publication."""

from datetime import UTC, datetime

import duckdb
import pytest

from strata import summary
from strata.record import DONE, recorded
from strata.settings import Settings

NOW = datetime(2026, 1, 10, 17, tzinfo=UTC)  # in Shanghai it is the next day
PUBLICATION = """
create table publication as
select 'run' as run_id, timestamp '2026-01-10 16:00' as published_at,
    date '2025-10-21' as as_of_date, 'trade' as ruleset, 'demo' as sources,
    'abc' as git_revision, 5 as row_count
"""
BUILD = """
create schema landing;
create table landing.withdrawn_files as select 2 as file_id;
create table landing.files as
from (values (1, timestamp '2026-01-08 17:00'), (2, timestamp '2026-01-10 16:00'))
    as files (file_id, loaded_at);
create schema customers;
create table customers.customer_bridge as
select 'demo' as source, 'a' as customer_id, false as is_oversized;
create table customers.shared_identifiers as
select 'phone' as identifier_type, '02083335555' as identifier, 'too_many' as verdict,
    false as has_several_names, false as has_several_clinics, 'demo' as source,
    'c' || i as customer_id
from range(13) as t (i)
"""


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    settings = Settings(tmp_path)
    for file, sql in ((settings.published_marts, PUBLICATION), (settings.database, BUILD)):
        file.parent.mkdir(exist_ok=True)
        with duckdb.connect(str(file)) as connection:
            connection.execute(sql)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return NOW.astimezone(tz)

    monkeypatch.setattr(summary, "datetime", Clock)
    monkeypatch.setattr(summary.console, "width", 200)
    return settings


def test_the_age_of_the_data_stands_beside_that_of_the_publication(settings, capsys):
    assert summary.show_status(settings)
    said = capsys.readouterr().out
    assert "Publication run, 1.0 hours old" in said
    # The file loaded last was taken back.
    assert (
        "Data        up to 2025-10-21, 82 days old; the newest file was loaded on 2026-01-08,"
        " 2 days ago" in said
    )
    assert "1 identifier on too many records (13), which stay apart" in said
    assert "phone 020…55: demo:c0, demo:c1, demo:c10 and 10 more" in said


def test_what_is_published_is_told_without_the_build(settings, capsys):
    settings.database.unlink()
    assert summary.show_status(settings)
    assert "up to 2025-10-21, 82 days old" in capsys.readouterr().out


def test_what_was_built_and_not_published_is_told(settings, capsys):
    with recorded(settings, DONE) as record:
        record.build_begins()
    assert summary.show_status(settings)
    said = capsys.readouterr().out
    assert "done" in said
    assert "not audited, not what is published. Next: strata publish" in said
