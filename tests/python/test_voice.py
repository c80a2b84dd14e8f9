"""What comments say: labelled reviews that no word was learned from, and a clinic's own."""

from types import SimpleNamespace

import duckdb
import jinja2
import pytest

from strata.settings import PROJECT_DIR

REVIEWS = PROJECT_DIR.parent / "shared" / "data" / "waimai_reviews_zh.parquet"
MODEL = (PROJECT_DIR / "models/outputs/comment_scores.sql").read_text(encoding="utf-8")
SEED = PROJECT_DIR / "seeds/policy/voice_words.csv"
# Written by hand: 1 praises, -1 complains, 0 does neither; the topics that it names.
COMMENTS = [
    (1, "skill", "医生技术很好，手法特别轻"),
    (1, "skill result", "打完玻尿酸轮廓自然，医生审美在线"),
    (1, "result", "做完第三天皮肤就亮了，毛孔也小了"),
    (1, "result", "效果比我想象的还要好，闺蜜都问我在哪做的"),
    (1, "service", "前台小姐姐很热情，还给我倒了茶"),
    (1, "service", "咨询师讲得很清楚，没有乱推项目"),
    (1, "service", "全程没有推销，很放心"),
    (1, "place", "环境优雅，房间干净又安静"),
    (1, "place", "停车方便，休息区很舒服"),
    (1, "price", "活动价很划算，性价比高"),
    (1, "price", "价格透明，没有隐形消费"),
    (1, "waiting", "预约很准时，基本不用等"),
    (1, "waiting", "到店就安排上了，没有等很久"),
    (1, "recovery", "恢复得很快，第二天就能上班"),
    (1, "recovery skill", "几乎没有红肿，护士术后还打电话关心"),
    (1, "recovery skill", "护士打针一点都不疼"),
    (1, "", "第三次来了，以后还会再来，推荐给朋友"),
    (1, "result", "斑淡了很多，非常满意"),
    (1, "service", "服务周到，有问题随时回复"),
    (1, "", "体验感很棒，五星好评"),
    (-1, "skill", "医生很敷衍，两分钟就打完了"),
    (-1, "recovery skill", "护士手法太重，弄得我很痛"),
    (-1, "skill", "操作的医生像新手，很不熟练"),
    (-1, "result", "做了三次一点变化都没有"),
    (-1, "result", "没看到什么效果，浪费钱"),
    (-1, "result", "双眼皮两边不对称，很难看"),
    (-1, "service", "前台态度冷淡，问什么都爱答不理"),
    (-1, "service", "一直推销办卡，很烦"),
    (-1, "service", "做完就没人管了，客服也不回消息"),
    (-1, "place", "房间里有异味，毛巾也不干净"),
    (-1, "place", "装修太旧，隔音很差"),
    (-1, "price", "价格比别家贵很多，不值这个价"),
    (-1, "price", "说好的优惠到店就变了，感觉被骗"),
    (-1, "waiting", "预约了两点，等到三点半才轮到我"),
    (-1, "waiting", "排队太久，约了也白约"),
    (-1, "recovery", "术后肿了一个星期，没有人告诉我怎么护理"),
    (-1, "recovery", "脸上留疤了，后悔来这里"),
    (-1, "recovery service", "做完过敏起疹子，打电话没人接"),
    (-1, "", "不会再来了，也不推荐"),
    (-1, "", "和宣传的完全不一样，太失望了"),
    (0, "result", "今天刚做完，效果还要再看"),
    (0, "", "第二次来做皮肤管理"),
    (0, "waiting", "下周三预约复诊"),
    (0, "skill", "医生说一个月后再来"),
    (0, "", "请把发票寄到公司"),
    (1, "skill service", "The doctor was gentle and the staff friendly"),
    (-1, "price", "Overpriced, not worth it"),
]


@pytest.fixture
def scored():
    """A connection in which the model's own SQL scores the table `surveys`."""
    sql = jinja2.Template(MODEL).render(
        ref=lambda name: name,
        config=lambda **_: "",
        is_incremental=lambda: False,
        dbt=SimpleNamespace(hash=lambda column: f"md5({column})"),
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"create table voice_words as from read_csv('{SEED}', types ="
            " {'weight': 'decimal(18, 1)'})"
        )
        connection.execute("create table surveys (comment_text varchar, is_praise boolean)")
        connection.execute(f"create view comment_scores as {sql}")
        yield connection


@pytest.mark.skipif(not REVIEWS.exists(), reason=f"{REVIEWS.name} is not beside the project")
def test_reviews_that_no_word_was_learned_from(scored):
    """Words were learned from reviews whose MD5 begins with 0 to 7: the others are judged."""
    scored.execute(
        "insert into surveys select review, label = 1"
        f" from '{REVIEWS}' where md5(review) >= '8'"
    )
    kinds = scored.execute(
        "select count(*), avg((if(is_praise, score, -score) > 0)::integer)"
        " from surveys join comment_scores on text_hash = md5(comment_text)"
        " where topic = '*'"
        " group by is_praise order by is_praise"
    ).fetchall()
    assert sum(count for count, _ in kinds) == 5965
    balanced = sum(share for _, share in kinds) / 2
    error = sum(share * (1 - share) / count for count, share in kinds) ** 0.5 / 2
    # As DECISIONS.md says; the best of three libraries has .78.
    assert balanced - 1.96 * error > 0.82


def test_what_a_clinics_customers_say(scored):
    scored.executemany(
        "insert into surveys (comment_text) values (?)", [[text] for *_, text in COMMENTS]
    )
    found = {
        text: (sign, set(topics) - {"*"})
        for text, sign, topics in scored.execute(
            "select comment_text, sign(any_value(score)), list(topic) from surveys"
            " join comment_scores on text_hash = md5(comment_text) group by all"
        ).fetchall()
    }
    assert found == {text: (sign, set(topics.split())) for sign, topics, text in COMMENTS}
