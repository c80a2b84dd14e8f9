"""What a proposal of weights says: the weights, how sure, whether better, what to append."""

from rich.markup import escape
from rich.table import Table

from strata.console import console
from strata.simulate.policy import plain
from strata.weights.data import DIMENSIONS
from strata.weights.model import Estimate
from strata.weights.propose import Proposal

WORDS = {
    "en": {
        "title": "RFM² weights proposed for {ruleset}, as of {day}",
        "learnt": "Learnt on   {buyers} buyers of {day}: their revenue of the next {days} days",
        "tested": "Tested on   {buyers} buyers of {day}: their revenue of the next {days} days",
        "weights": "Weights", "dimension": "dimension", "instead": "for",
        "now": "now", "proposed": "proposed", "share": "SHAP (95 %)",
        "linear": "linear", "both": "interaction + breadth",
        "breadth": "breadth", "interaction": "interaction", "cycle": "cycle",
        "social": "social", "new": "new",
        "note": "Interaction and breadth go together, so their shares may flip: judge the sum."
        "\nSHAP: the share of what the scores explain among all buyers. Linear, a"
        " cross-check: the share of what one point of each is worth.",
        "test": "Out of time: the score against the revenue that came of it",
        "figure": "figure", "difference": "difference (95 %)",
        "rank_correlation": "rank correlation",
        "top_tenth_capture": "revenue of the top tenth",
        "moved": "{share} of {buyers} buyers would move to another fifth of the score.",
        "better": "Verdict: better. The proposed weights order the buyers better by what they"
        " then spend.",
        "no_clear_difference": "Verdict: no clear difference. The interval holds 0; the data"
        " give no reason to change.",
        "worse": "Verdict: worse. The proposed weights order the buyers worse by what they then"
        " spend; keep the present ones.",
        "own": "  {scopes} keep their own {dimension} weight: see that theirs still sum to 100",
        "file": "File        {file}",
        "untouched": "Nothing is applied: build, publication and policy are as they were.",
        "append": "To approve: append these lines to seeds/policy/thresholds.csv:",
    },
    "zh": {
        "title": "RFM² 权重建议：{ruleset}，截至 {day}",
        "learnt": "学习        {day} 的 {buyers} 位买家，对照其后 {days} 天的收入",
        "tested": "检验        {day} 的 {buyers} 位买家，对照其后 {days} 天的收入",
        "weights": "权重", "dimension": "维度", "instead": "对应",
        "now": "现行", "proposed": "建议", "share": "SHAP（95 %）",
        "linear": "直线", "both": "私域互动 + 跨品类",
        "breadth": "跨品类", "interaction": "私域互动", "cycle": "周期", "social": "社交裂变",
        "new": "新增",
        "note": "私域互动与跨品类相关，二者占比可能互换：以合计为准。"
        "\nSHAP：各得分在全体买家中所解释部分的占比。直线（交叉验证）：各得分每一分价值的占比。",
        "test": "跨期检验：得分对照其后的收入", "figure": "指标", "difference": "差值（95 %）",
        "rank_correlation": "秩相关",
        "top_tenth_capture": "前一成的收入占比",
        "moved": "{buyers} 位买家中 {share} 会换到另一个五分位。",
        "better": "结论：更好。按其后消费排序，建议权重更准。",
        "no_clear_difference": "结论：无明显差别。区间包含 0，数据没有给出修改的理由。",
        "worse": "结论：更差。按其后消费排序，建议权重更不准，应保留现行权重。",
        "own": "  {scopes} 仍用各自的{dimension}权重；请确认其合计仍为 100。",
        "file": "文件        {file}",
        "untouched": "未采用任何建议：已建、已发布的内容与规则均未改动。",
        "append": "如要批准：把下面几行加到 seeds/policy/thresholds.csv 末尾：",
    },
}  # fmt: skip
WIDE = ("share", "difference")  # columns with an interval
INSTEAD = {"breadth": "M", "interaction": "F", "cycle": "R"}


def show_proposal(proposal: Proposal, language: str = "en") -> None:
    """Print the proposal, the test of it, and the rows to approve."""
    words = WORDS[language]
    console.print(
        f"[bold]{words['title'].format(ruleset=proposal.ruleset, day=proposal.as_of_date)}"
        "[/bold]"
    )
    for said in ("learnt", "tested"):
        console.print(
            words[said].format(
                buyers=f"{proposal.buyers[f'{said}_on']:,}",
                day=getattr(proposal, f"{said}_on"),
                days=proposal.horizon_days,
            )
        )
    console.print(_weights(proposal, words))
    console.print(words["note"])
    console.print(_test(proposal, words))
    console.print(
        words["moved"].format(
            share=f"{100 * proposal.moved_share:.1f} %",
            buyers=f"{proposal.buyers['as_of_date']:,}",
        )
    )
    console.print(f"[bold]{words[proposal.verdict]}[/bold]")
    console.print(words["file"].format(file=proposal.file))
    console.print(words["untouched"])
    console.print(words["append"])
    for dimension, scopes in proposal.own_values.items():
        if scopes:
            said = words["own"].format(scopes=", ".join(scopes), dimension=words[dimension])
            console.print(escape(said))
    for row in proposal.rows_to_append:
        console.print(escape(row))


def _weights(proposal: Proposal, words: dict[str, str]) -> Table:
    table = Table(title=words["weights"], title_justify="left")
    table.add_column(words["dimension"], no_wrap=True)
    table.add_column(words["instead"])
    for heading in ("now", "proposed", "share", "linear"):
        table.add_column(words[heading], justify="right", no_wrap=heading in WIDE)
    learnt, now, then = proposal.importance, proposal.current, proposal.proposed
    for name in DIMENSIONS:
        table.add_row(
            words[name],
            INSTEAD.get(name, words["new"]),
            plain(now[name]),
            plain(then[name]),
            _percent(learnt.shares[name]),
            f"{100 * learnt.linear[name]:.0f} %",
        )
    pair = ("interaction", "breadth")
    table.add_section()
    table.add_row(
        words["both"],
        "F + M",
        plain(sum(now[name] for name in pair)),
        plain(sum(then[name] for name in pair)),
        _percent(learnt.frequency_and_money),
        f"{100 * sum(learnt.linear[name] for name in pair):.0f} %",
    )
    return table


def _percent(share: Estimate) -> str:
    return f"{100 * share.value:.1f} % ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _test(proposal: Proposal, words: dict[str, str]) -> Table:
    table = Table(title=words["test"], title_justify="left")
    table.add_column(words["figure"], no_wrap=True)
    for heading in ("now", "proposed", "difference"):
        table.add_column(words[heading], justify="right", no_wrap=heading in WIDE)
    for name, gain in proposal.gains.items():
        change = gain.difference
        table.add_row(
            words[name],
            f"{gain.current:.3f}",
            f"{gain.proposed:.3f}",
            f"{change.value:+.3f} ({change.low:+.3f} … {change.high:+.3f})",
        )
    return table
