"""A new source from its files: the folder that `strata init` writes, and what it makes."""

import shutil
from datetime import date

import pytest
import yaml

from builder import Chain, copy_project
from strata.console import console
from strata.errors import StrataError
from strata.init import init
from strata.landing import declared_tables, load_directory
from strata.landing.personal import personal_columns
from strata.landing.personal_guess import guess
from strata.publish import private_columns
from strata.settings import PROJECT_DIR

FILES = {
    "患者.csv": "患者编号,姓名,手机号,建档日期,过敏史,紧急联系人,城市\n"
    "P1,李,13900000001,2024-01-02,青霉素,,广州\nP2,王,13900000002,2024-01-03,,李,北京\n",
    "就诊记录2024.csv": "患者编号,就诊日期,科室,状态\n"
    "P1,2024-02-01,皮肤科,已就诊\nP2,2024-02-02,外科,爽约\nP2,2024-02-03,外科,arrived\n",
    "收费.csv": "患者编号,收费单号,消费日期,实收金额,项目名称\nP1,S1,05/02/2024,300,洁牙\n"
    "P1,S1,25/02/2024,-100,洁牙\n",
    "价目 表-v2.csv": "项目编号,项目名称,品类,成本\nA,洁牙,口腔,80\n",
    "备忘.csv": "甲,乙\n1,2\n",
    # Each row is no customer, and nothing says what else it is.
    "跟进.csv": "患者编号,备注\nP1,a\nP1,b\nP2,c\n",
    "邀请.csv": "邀请人的号,被邀请人的号,邀请时间\n"
    "P1,P2,2/13/2024 9:30\nP1,P2,3/1/2024 18:05\n",
    "问卷.csv": "答卷编号,患者编号,Date of survey,"
    "How likely would you recommend us to a friend?,建议\n7,P1,2024-03-05 10:00,9,好\n",
}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """The source `yy`, written from five files, loaded and built up to the entities."""
    directory = tmp_path_factory.mktemp("init")
    project = copy_project(directory)
    folder = directory / "inbox"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    init("yy", [folder], project)
    chain = Chain(directory, project)
    chain.settings.next_marts.parent.mkdir(parents=True)
    chain.report = load_directory(chain.settings, "yy", folder, project_dir=project)
    ran = chain.dbt(
        "build", "--select", "path:models/staging", "path:models/entities", "path:seeds",
        "raw_rows_accounted_for", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "empty", sources=["yy"],
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:]
    return chain


def test_every_file_is_a_table_with_its_feed(clinic):
    tables = declared_tables("yy", clinic.project_dir)
    assert tables["就诊记录"] == ["患者编号", "就诊日期", "科室", "状态"]
    assert {file.status for file in clinic.report.files} == {"loaded"}
    project = yaml.safe_load((clinic.project_dir / "dbt_project.yml").read_text("utf-8"))
    assert project["vars"]["source_feeds"]["yy"] == [
        "customers", "order_items", "orders", "products", "referrals", "refunds", "surveys",
        "visits",
    ]  # fmt: skip


def test_the_written_models_read_the_files(clinic):
    assert clinic.query("select customer_id, registered_date from entities.customers") == [
        ("P1", date(2024, 1, 2)), ("P2", date(2024, 1, 3)),
    ]  # fmt: skip
    # Words for codes are known; no type is delivered: the guess is that all were treated.
    assert clinic.query(
        "select customer_id, visit_date, status, visit_type, department from entities.visits"
        " order by 1, 2"
    ) == [
        ("P1", date(2024, 2, 1), "arrived", "treatment", "皮肤科"),
        ("P2", date(2024, 2, 2), "no_show", "treatment", "外科"),
        ("P2", date(2024, 2, 3), "arrived", "treatment", "外科"),
    ]  # fmt: skip
    assert clinic.query("select order_date, net_amount from entities.orders"
                        " join entities.order_items using (order_id)") == [
        (date(2024, 2, 5), 300),
    ]  # fmt: skip
    assert clinic.query("select refund_date, refund_amount from entities.refunds") == [
        (date(2024, 2, 25), 100),
    ]  # fmt: skip
    assert clinic.query("select category, unit_cost from entities.products") == [("口腔", 80)]
    assert clinic.query(
        "select referrer_customer_id, referee_customer_id, referral_date"
        " from entities.referrals order by 3"
    ) == [("P1", "P2", date(2024, 2, 13)), ("P1", "P2", date(2024, 3, 1))]
    assert clinic.query("select customer_id, survey_date, nps_score from entities.surveys") == [
        ("P1", date(2024, 3, 5), 9),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "yes"),
    [("No-show", "no_show"), ("是否到诊", "arrived"), ("Attended", "arrived")],
)
def test_a_column_of_yes_and_no_says_who_came(tmp_path, header, yes):
    project = copy_project(tmp_path)
    for name in ("Visits May.csv", "其他.csv"):
        (tmp_path / name).write_text(f"PatientId,AppointmentDay,{header}\n1,2024-05-01,Yes\n")
    with console.capture() as said:
        init("kaggle", [tmp_path / "Visits May.csv", tmp_path / "其他.csv"], project)
    written = (project / "models/staging/kaggle/stg_kaggle__visits.sql").read_text("utf-8")
    assert f"when 'Yes' then '{yes}'" in written
    told = " ".join(said.get().split())
    assert "no model reads it yet: visits are read from visits_may" in told


def test_guesses_are_marked(clinic):
    staging = clinic.project_dir / "models/staging/yy"
    for path in staging.glob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "uessed" in text or "stg_yy__lines" in text, path.name
    declared = (staging / "_yy__sources.yml").read_text(encoding="utf-8")
    assert "Guessed: net_amount." in declared
    assert "is_joined: true" in declared
    visits = (staging / "stg_yy__visits.sql").read_text(encoding="utf-8")
    assert "No column says it, so of every row: visit_type 'treatment'" in visits


def test_what_tells_of_a_person_is_guessed_and_found_by_forget_and_the_guard(clinic):
    header = ["患者编号", "姓名", "手机号", "建档日期", "过敏史", "紧急联系人", "城市"]
    assert personal_columns("yy", "患者", header, clinic.project_dir).kinds == {
        "患者编号": "customer_id", "姓名": "personal_name", "手机号": "phone",
        "过敏史": "medical_text", "紧急联系人": "personal_text",
    }  # fmt: skip
    sales = personal_columns("yy", "收费", ["收费单号", "实收金额"], clinic.project_dir)
    assert sales.kinds == {"收费单号": "order_id"}
    personal, medical = private_columns(["yy"], clinic.project_dir)
    assert {"姓名", "手机号", "紧急联系人", "phone"} <= personal
    assert {"过敏史"} == medical & {"过敏史", "姓名", "城市", "患者编号", "收费单号"}
    assert not personal & {"城市", "患者编号", "收费单号", "建档日期", "过敏史"}


LONG = [f"说第{n}次来, 想先看看再决定。" for n in range(9)]


@pytest.mark.parametrize(
    ("name", "taken_for", "values", "holds"),
    [
        # A column that is read as an id finds the person's rows, whatever else it is.
        ("手机号", ["customer_id", "phone"], ["13900000001"], "customer_id"),
        ("姓名", ["full_name"], ["李"], "personal_name"),
        ("实收", ["net_amount"], ["13900000001"], None),
        ("PatientBirthDate", [], ["1990-01-01"], "personal_text"),
        ("Address line", [], ["x"], "personal_text"),
        ("addressee_count", [], ["1"], None),
        ("术后记录", [], ["好"], "medical_text"),
        ("icd", [], ["L70.0"], "medical_text"),
        ("insecticide", [], ["x"], None),
        # By values, where the name says nothing: eight of ten are enough, seven are not.
        ("x", [], ["+86 139-0000-0001"] * 8 + ["无"] * 2, "phone"),
        ("x", [], ["13900000001"] * 7 + ["无"] * 3, None),
        ("x", [], ["44010619900101123X"], "personal_text"),
        ("x", [], ["44010619901301123X"], None),
        ("x", [], ["li@example.org", None, ""], "personal_text"),
        ("x", [], LONG, "personal_text"),
        ("x", [], LONG[:1] * 9, None),
        ("x", [], ["P0001"], None),
        ("x", [], [], None),
    ],
)
def test_what_a_column_may_hold(name, taken_for, values, holds):
    assert guess(name, taken_for, values) == holds


def test_a_name_that_is_taken_or_no_name_is_refused(tmp_path):
    with pytest.raises(StrataError, match="there already"):
        init("demo", [tmp_path])
    with pytest.raises(StrataError, match="cannot be a source's name"):
        init("Our Till", [tmp_path])
    assert not (PROJECT_DIR / "models/staging/Our Till").exists()
    shutil.rmtree(tmp_path)


def test_a_full_disk_leaves_the_project_as_it_was(clinic, monkeypatch):
    project = clinic.project_dir / "dbt_project.yml"
    before = project.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    for place, is_written in (("pathlib.Path.write_text", False), ("os.fsync", True)):
        monkeypatch.setattr(place, full)
        with pytest.raises(OSError, match="No space"):
            init("zz", [clinic.project_dir.parent / "inbox"], clinic.project_dir)
        monkeypatch.undo()
        assert (clinic.project_dir / "models/staging/zz").exists() == is_written
        assert project.read_bytes() == before
